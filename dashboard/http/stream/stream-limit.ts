/** The way to a stream of server-sent events: for GET alone, for so many at once, and not for ever to one who reads nothing. */
import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";

/** Who takes nothing for so long (s) is given up; who lives will ask again. Something is sent more often than that. */
const STALLED = 30;

/** Opens a stream and closes it when `run` is done; `tooMany` answers where there are `most` already. */
export type StreamLimit = (c: Context, run: (sse: SSEStreamingApi) => Promise<void>) => Response;

export function createStreamLimit(most: number, tooMany: (c: Context) => Response): StreamLimit {
  let open = 0;

  return (c, run) => {
    // HEAD runs the handlers of GET too, and would leave a stream that nobody reads.
    if (c.req.method !== "GET") return c.text("GET only\n", 405, { Allow: "GET" });
    if (open >= most) {
      c.header("Retry-After", "5");
      return tooMany(c);
    }
    open += 1;
    const server: { timeout?: (request: Request, seconds: number) => void } = c.env ?? {};
    server.timeout?.(c.req.raw, STALLED);
    c.header("X-Accel-Buffering", "no"); // a proxy that collects a stream kills it
    return streamSSE(c, async (sse) => {
      try {
        await run(sse);
      } finally {
        open -= 1;
      }
    });
  };
}

/** Streams that pages have at once, of each kind: each holds a socket and a timer, and a page needs one. */
const MOST_PAGES = 100;

export function pageStreamLimit(): StreamLimit {
  return createStreamLimit(MOST_PAGES, (c) => c.text("Too many pages are open.\n", 503));
}
