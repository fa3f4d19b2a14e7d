/**
 * Limits the connections to the page, so that descriptors are left for clients. Bun.serve accepts
 * every connection and reports none, and it hides those that send nothing, or a byte now and then.
 * So this counts our descriptors, which costs next to nothing, and finds out which of them are the
 * page's only if there are more.
 */
import type { Context } from "hono";
import { createLruMap } from "../../shared/lru-map.ts";
import type { Master } from "../../shared/master.ts";
import type { PageSocket, PageSockets } from "../../shared/page-sockets.ts";
import { chooseExcess, type Connection, type ConnectionLimits } from "./connection-share.ts";
import { peerOf, sourceOf } from "./peer.ts";
import { viewerOf } from "./viewer.tsx";

/**
 * The page gets this part of all descriptors, but no more than this many
 * connections: a browser opens six.
 */
const DESCRIPTOR_SHARE = 1 / 4;
const MAX_CONNECTIONS = 4096;

/** One source, which may be a proxy for many, gets this part of them. */
const SOURCE_SHARE = 1 / 2;

/** Time between two checks: usually, and while more than half of all connections are open. */
const CHECK_INTERVAL_MS = 100;
const BUSY_CHECK_INTERVAL_MS = 20;

/** How many new descriptors there may be before this checks which of them are the page's. */
const MAX_UNCHECKED = 16;

export interface ConnectionLimit {
  /** Starts checking the connections to this port of ours. */
  start(port: number): void;
  /** Records that a request was let through. */
  onRequest(c: Context): void;
  /** Connections closed so far because there were too many. */
  closed(): number;
  stop(): void;
}

type Use = Pick<Connection, "rank" | "usedAt">;

/** Also checks as soon as `master` runs out of descriptors. */
export function createConnectionLimit(
  sockets: PageSockets,
  master: Pick<Master, "follow">,
): ConnectionLimit {
  const limits = limitsFor(sockets.maxDescriptors);
  const uses = createLruMap<string, Use>(2 * MAX_CONNECTIONS);
  let closed = 0;
  let stop = () => {};

  /** Returns how many connections are left. */
  function check(port: number): number {
    const connections = sockets.list(port).map((socket) => describeConnection(socket, uses));
    const excess = chooseExcess(connections, limits);
    for (const { fd } of excess) sockets.shutDown(fd);
    closed += excess.length;
    return connections.length - excess.length;
  }

  return {
    start(port) {
      const stopTimer = checkRegularly(sockets, () => check(port) > limits.total / 2);
      const unfollow = master.follow(({ event }) => {
        if (event.event === "paused" && event.by === null) check(port);
      });
      stop = () => {
        stopTimer();
        unfollow();
      };
    },
    onRequest(c) {
      const peer = peerOf(c);
      if (peer === null) return;
      const rank = viewerOf(c).mayOperate ? "operator" : "watcher";
      uses.set(keyOf(peer), { rank, usedAt: performance.now() });
    },
    closed: () => closed,
    stop: () => stop(),
  };
}

/**
 * Calls `check`, which returns whether there are many connections, when
 * descriptors have been opened.
 */
function checkRegularly({ countDescriptors }: PageSockets, check: () => boolean): () => void {
  /** The fewest descriptors since the last check. */
  let fewest = countDescriptors();
  let areMany = false;
  let timer = setTimeout(onTimer, CHECK_INTERVAL_MS);

  function onTimer(): void {
    const now = countDescriptors();
    fewest = Math.min(fewest, now);
    if (areMany || now > fewest + MAX_UNCHECKED) {
      areMany = check();
      fewest = now;
    }
    timer = setTimeout(onTimer, areMany ? BUSY_CHECK_INTERVAL_MS : CHECK_INTERVAL_MS);
  }

  return () => clearTimeout(timer);
}

function limitsFor(maxDescriptors: number): ConnectionLimits {
  const total = Math.min(MAX_CONNECTIONS, Math.floor(maxDescriptors * DESCRIPTOR_SHARE));
  return { total, perSource: Math.ceil(total * SOURCE_SHARE) };
}

function describeConnection(
  { fd, peer }: PageSocket,
  uses: { get(key: string): Use | undefined },
): Connection & { fd: number } {
  const { rank, usedAt } = uses.get(keyOf(peer)) ?? { rank: "none", usedAt: 0 };
  return { fd, source: sourceOf(peer), rank, usedAt };
}

function keyOf({ address, port }: PageSocket["peer"]): string {
  return `${address} ${port}`;
}
