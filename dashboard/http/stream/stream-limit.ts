/**
 * Opens streams of server-sent events: for GET only, a limited number at once, and not for
 * clients that stop reading.
 */
import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { peerOf, serverOf, sourceOf } from "../peer.ts";
import { viewerOf } from "../viewer.tsx";
import { chooseDisplaced, type StreamOwner } from "./stream-share.ts";

/**
 * A client that reads nothing for this long is disconnected. Something is
 * sent more often than that.
 */
const STALL_TIMEOUT_S = 30;

/** Opens a stream, and closes it when `run` settles. */
export type OpenStream = (c: Context, run: (sse: SSEStreamingApi) => Promise<void>) => Response;

interface OpenedStream extends StreamOwner {
  close(): void;
}

/**
 * At most `max` streams are open at once, shared fairly (stream-share.ts): a new one may close
 * another. Any other request gets the response of `respondTooMany`.
 */
export function createStreamLimit(
  max: number,
  respondTooMany: (c: Context) => Response,
): OpenStream {
  /** Oldest first. */
  const open = new Set<OpenedStream>();

  function makeRoom(owner: StreamOwner): boolean {
    const displaced = chooseDisplaced([...open], owner, max);
    if (displaced === "refuse") return false;
    if (displaced !== null) {
      open.delete(displaced);
      displaced.close();
    }
    return true;
  }

  return (c, run) => {
    // HEAD runs the handlers of GET, too, and would leave a stream that nobody reads.
    if (c.req.method !== "GET") return c.text("GET only\n", 405, { Allow: "GET" });
    const owner = { source: sourceOf(peerOf(c)), isOperator: viewerOf(c).mayOperate };
    if (!makeRoom(owner)) {
      c.header("Retry-After", "5");
      return respondTooMany(c);
    }
    serverOf(c).timeout?.(c.req.raw, STALL_TIMEOUT_S);
    c.header("X-Accel-Buffering", "no"); // nginx would buffer the stream
    return streamSSE(c, async (sse) => {
      const stream = { ...owner, close: () => sse.abort() };
      open.add(stream);
      try {
        await run(sse);
      } finally {
        open.delete(stream);
      }
    });
  };
}

/** Open streams of each kind of page. Each holds a socket and a timer, and a page needs one. */
const MAX_PAGE_STREAMS = 100;

export function pageStreamLimit(): OpenStream {
  return createStreamLimit(MAX_PAGE_STREAMS, (c) => c.text("Too many pages are open.\n", 503));
}
