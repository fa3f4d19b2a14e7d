/** Opens streams of server-sent events: for GET only, a limited number at once, and not for clients that stop reading. */
import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";

/** A client that reads nothing for this long is disconnected. Something is sent more often than that. */
const STALL_TIMEOUT_S = 30;

/** Opens a stream, and closes it when `run` settles. */
export type OpenStream = (c: Context, run: (sse: SSEStreamingApi) => Promise<void>) => Response;

/** At most `max` streams are open at once; `respondTooMany` answers further requests. */
export function createStreamLimit(
  max: number,
  respondTooMany: (c: Context) => Response,
): OpenStream {
  let open = 0;

  return (c, run) => {
    // HEAD runs the handlers of GET, too, and would leave a stream that nobody reads.
    if (c.req.method !== "GET") return c.text("GET only\n", 405, { Allow: "GET" });
    if (open >= max) {
      c.header("Retry-After", "5");
      return respondTooMany(c);
    }
    open += 1;
    const server: { timeout?: (request: Request, seconds: number) => void } = c.env ?? {};
    server.timeout?.(c.req.raw, STALL_TIMEOUT_S);
    c.header("X-Accel-Buffering", "no"); // nginx would buffer the stream
    return streamSSE(c, async (sse) => {
      try {
        await run(sse);
      } finally {
        open -= 1;
      }
    });
  };
}

/** Open streams of each kind of page. Each holds a socket and a timer, and a page needs one. */
const MAX_PAGE_STREAMS = 100;

export function pageStreamLimit(): OpenStream {
  return createStreamLimit(MAX_PAGE_STREAMS, (c) => c.text("Too many pages are open.\n", 503));
}
