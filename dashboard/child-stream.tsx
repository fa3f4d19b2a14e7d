/** @jsxImportSource hono/jsx */
/**
 * The live part of a child's page: the parts that have changed, new entries of its log, and its end. Likewise
 * made only when the last message has been taken.
 *
 *     (unnamed)  parts that htmx swaps in by itself
 *     log        new entries; the event's id tells where to go on after a break
 *     still      nothing has changed: silence would be a broken stream
 *     over       it has ended, and all was told
 */
import type { Context, Handler } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import type { LogEntry } from "../shared/log.ts";
import type { Sources } from "./child.tsx";
import type { Look } from "./look.ts";
import { createFlag } from "./flag.ts";
import { type Reader, readerOf, render } from "./reader.tsx";
import { changingParts, type ChildView } from "./views/child.tsx";
import { SessionLog } from "./views/session-log.tsx";

/** Each stream holds a socket and a timer; a page needs one. */
const MAX_STREAMS = 100;

/** The least and the most time (ms) between two looks. */
const SHORTEST = 200;
const LONGEST = 1000;

/** So long (ms) after the end it is looked once more: what became of a signal is told a little later. */
const LAST_LOOK = 500;

/** Entries that wait to be sent to a slow tab; it can load the page again. */
const MOST_WAITING = 500;

/** A tab that takes nothing for so long (s) is given up: it will ask again if it lives. */
const STALLED = 30;

export function childStream(sources: Sources, viewOf: (c: Context) => ChildView): Handler {
  let streams = 0;

  return (c) => {
    // HEAD runs this handler too, and would leave a stream that nobody reads.
    if (c.req.method !== "GET") return c.text("GET only\n", 405, { Allow: "GET" });
    if (streams >= MAX_STREAMS) {
      return c.text("Too many pages are open.\n", 503, { "Retry-After": "5" });
    }
    const id = c.req.param("id") ?? "";
    const server: { timeout?: (request: Request, seconds: number) => void } = c.env ?? {};
    server.timeout?.(c.req.raw, STALLED);
    c.header("X-Accel-Buffering", "no"); // a proxy that collects a stream kills it
    const reader = { ...readerOf(c), view: viewOf(c) };
    const seen = c.req.header("Last-Event-ID") ?? "";
    streams += 1;
    return streamSSE(c, async (sse) => {
      try {
        await follow(sse, sources, id, reader, seenSeq(seen, id));
      } finally {
        streams -= 1;
      }
    });
  };
}

async function follow(
  sse: SSEStreamingApi,
  { master, looker, use }: Sources,
  id: string,
  reader: Reader & { view: ChildView },
  seen: number,
): Promise<void> {
  const news = createFlag();
  const aborted = Promise.withResolvers<void>();
  let waiting: LogEntry[] = [];
  let seq = seen;
  const unfollow = master.follow((entry) => {
    if (!("id" in entry.event) || entry.event.id !== id) return;
    waiting.push(entry);
    news.raise();
  });
  sse.onAbort(() => {
    aborted.resolve();
    news.raise();
  });
  const send = (message: { event?: string; id?: string; data: string }) =>
    Promise.race([sse.writeSSE(message), aborted.promise]);
  const differences = partsThatChange(reader);

  try {
    let look = await looker.look(id);
    let logged = look === null || look instanceof Error ? [] : look.log;
    for (let over = false; look !== null && !(look instanceof Error) && !sse.aborted;) {
      const parts = differences({ look, view: reader.view, points: use.look(id), trouble: null });
      await send(parts === "" ? { event: "still", data: "" } : { data: parts });
      const entries = logged.filter((entry) => entry.seq > seq);
      seq = entries.at(-1)?.seq ?? seq;
      if (entries.length > 0) {
        const list = <SessionLog id={id} entries={entries} contents={reader.view.contents} />;
        await send({ event: "log", id: `${id}:${seq}`, data: render(reader, list) });
      }
      if (over) return void (await send({ event: "over", data: "" }));
      over = look.child === null;
      await Promise.race([Bun.sleep(over ? LAST_LOOK : SHORTEST), aborted.promise]);
      if (!over) await news.raised(LONGEST - SHORTEST);
      logged = waiting.slice(-MOST_WAITING);
      waiting = [];
      look = await looker.again(look, logged.filter(isNewIn(look)));
    }
  } finally {
    unfollow();
  }
}

/** What was logged while the first look was taken is in it already. */
function isNewIn({ log }: Look) {
  const last = log.at(-1)?.seq ?? 0;
  return ({ seq }: LogEntry) => seq > last;
}

/** Each call gives those that are not as they were told the last time. */
function partsThatChange(reader: Reader) {
  const told = new Map<string, string>();
  return (props: Parameters<typeof changingParts>[0]): string => {
    const changed = Object.entries(changingParts(props)).flatMap(([target, content]) => {
      const html = render(reader, content);
      if (told.get(target) === html) return [];
      told.set(target, html);
      return `<hx-partial hx-target="#${target}" hx-swap="innerMorph">${html}</hx-partial>`;
    });
    return changed.join("");
  };
}

/** Where the tab's log ends, as it says itself; 0 if it is another's. */
function seenSeq(seen: string, id: string): number {
  const at = seen.lastIndexOf(":");
  return seen.slice(0, at) === id && /^\d+$/.test(seen.slice(at + 1))
    ? Number(seen.slice(at + 1))
    : 0;
}
