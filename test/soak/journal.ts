import type { Logged } from "../harness/server.ts";
import type { Wire } from "./wire.ts";
import type { EndReason, RefuseReason } from "../../shared/outcome.ts";

/** A live session. */
export interface Session {
  id: string;
  /** The current child's: a spare that fails is replaced. */
  pid: number;
  serving: boolean;
  /** Resolves with the reason it ended. */
  ended: Promise<EndReason>;
}

export interface Counts {
  accepted: number;
  refused: number;
  ended: number;
  reasons: Partial<Record<EndReason, number>>;
  refusals: Partial<Record<RefuseReason, number>>;
  requests: number;
  /** A spare died before it took its client, which another child then took. */
  takenOver: number;
}

export interface Journal {
  readonly counts: Counts;
  /** IDs of sessions that ended with `killed by signal`. */
  readonly killed: ReadonlySet<string>;
  /** Log lines that a soak should never cause. */
  readonly surprises: readonly string[];
  readonly stopped: Logged<"stopped"> | null;
  take(entry: Logged): void;
  /** Waits until a client's session has reached this phase; null if its connection ended before. */
  session(client: Wire, wanted: "spawned" | "serving"): Promise<Session | null>;
}

type Live = Session & { port: number; at: number; end: (reason: EndReason) => void };

/** More than this say nothing new. */
const MAX_SURPRISES = 20;

export function keepJournal(): Journal {
  const live = new Map<string, Live>();
  const killed = new Set<string>();
  const surprises: string[] = [];
  const waiting = new Set<() => void>();
  const counts: Counts = {
    accepted: 0,
    refused: 0,
    ended: 0,
    reasons: {},
    refusals: {},
    requests: 0,
    takenOver: 0,
  };
  let stopped: Logged<"stopped"> | null = null;

  function take(entry: Logged): void {
    switch (entry.event) {
      case "accepted": {
        counts.accepted += 1;
        const { promise, resolve } = Promise.withResolvers<EndReason>();
        const { id, remotePort: port } = entry;
        const at = Date.parse(entry.time);
        live.set(id, { id, port, at, pid: 0, serving: false, ended: promise, end: resolve });
        break;
      }
      case "spawned":
        update(entry.id, { pid: entry.pid });
        break;
      case "serving":
        update(entry.id, { serving: true });
        break;
      case "ended":
        counts.ended += 1;
        counts.requests += entry.requests;
        add(counts.reasons, entry.reason, 1);
        if (entry.reason === "killed by signal") killed.add(entry.id);
        live.get(entry.id)?.end(entry.reason);
        live.delete(entry.id);
        break;
      case "refused":
        refuse(entry.reason, 1);
        break;
      case "refusals not listed":
        for (const [reason, count] of Object.entries(entry.reasons)) refuse(reason, count);
        break;
      case "warning":
        if (/^spare PID \d+ did not take its client, PID \d+ does$/.test(entry.message)) {
          counts.takenOver += 1;
        } else surprise(entry);
        break;
      case "overdue":
      case "paused":
      case "resumed":
        surprise(entry);
        break;
      case "stopped":
        stopped = entry;
    }
  }

  function update(id: string, change: Partial<Session>): void {
    const session = live.get(id);
    if (session === undefined) return;
    Object.assign(session, change);
    for (const look of waiting) look();
  }

  function refuse(reason: string, count: number): void {
    counts.refused += count;
    add(counts.refusals, reason as RefuseReason, count);
  }

  function surprise(entry: Logged): void {
    if (surprises.length < MAX_SURPRISES) surprises.push(JSON.stringify(entry));
  }

  return {
    counts,
    killed,
    surprises,
    get stopped() {
      return stopped;
    },
    take,
    session({ port, since, ended }, wanted) {
      const { promise, resolve } = Promise.withResolvers<Session | null>();
      // An earlier client may have had the same port, and its child may not have ended yet.
      const is = (one: Live) => one.port === port && one.at >= since && one.pid !== 0;
      function look(): void {
        const session = live.values().find(is);
        if (session !== undefined && (session.serving || wanted === "spawned")) resolve(session);
      }
      waiting.add(look);
      look();
      void ended().then(() => resolve(null));
      return promise.finally(() => waiting.delete(look));
    },
  };
}

function add<K extends string>(counts: Partial<Record<K, number>>, key: K, count: number): void {
  counts[key] = (counts[key] ?? 0) + count;
}
