/**
 * The live part: one stream of server-sent events a tab. Each message holds what changed since the
 * last one, and the next is made only when that one has been taken, so a slow tab gets fewer.
 *
 *     (unnamed)  parts that htmx swaps in by itself
 *     rows       the rows that changed, and the order of all; the page's script decides when a row moves
 *     tree       the tree; likewise
 *     log        new entries; the event's id tells where to go on after a break
 */
import type { Context, Handler } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import type { LogEntry } from "../shared/log.ts";
import type { EndReason, Master } from "../shared/master.ts";
import type { Row, Sample, Sampler } from "./sample.ts";
import { chooseRows, parseView, type View } from "./view.ts";
import { ChildRow, EndedRow, nothingShown } from "./views/children.tsx";
import { Log } from "./views/log.tsx";
import { MasterFigures } from "./views/master.tsx";
import { Tree } from "./views/tree.tsx";

/** Each stream holds a socket and a timer; a page needs one. */
const MAX_STREAMS = 100;

/** The least and the most time (ms) between two messages: eyes want no more than ten a second. */
const SHORTEST = 100;
const LONGEST = 1000;

/** A tab that takes nothing for so long (ms) is given up: it will ask again if it lives. */
const STALLED = 30_000;

export function eventStream(master: Master, sampler: Sampler): Handler {
  let streams = 0;

  return (c) => {
    // HEAD runs this handler too, and would leave a stream that nobody reads.
    if (c.req.method !== "GET") return c.text("GET only\n", 405, { Allow: "GET" });
    if (streams >= MAX_STREAMS) {
      return c.text("Too many pages are open.\n", 503, { "Retry-After": "5" });
    }
    streams += 1;
    neverIdle(c);
    const view = parseView(c.req.query());
    const seen = c.req.header("Last-Event-ID") ?? "";
    c.header("X-Accel-Buffering", "no"); // a proxy that collects a stream kills it
    return streamSSE(c, async (sse) => {
      try {
        await follow(sse, master, sampler, view, seen);
      } finally {
        streams -= 1;
      }
    });
  };
}

/** Bun ends connections that are quiet for ten seconds; a stream may be. */
function neverIdle(c: Context): void {
  const server: { timeout?: (request: Request, seconds: number) => void } = c.env ?? {};
  server.timeout?.(c.req.raw, 0);
}

async function follow(
  sse: SSEStreamingApi,
  master: Master,
  sampler: Sampler,
  view: View,
  seen: string,
): Promise<void> {
  const news = signal();
  const unsubscribe = master.subscribe(news.raise);
  sse.onAbort(news.raise);
  const parts = differences(master, view, seen);
  try {
    while (!sse.aborted && !sse.closed) {
      for (const message of parts(sampler.recent())) {
        if (!(await taken(sse, message))) return;
      }
      if (sampler.behind) news.raise();
      await Bun.sleep(SHORTEST);
      await news.raised(LONGEST - SHORTEST);
    }
  } finally {
    unsubscribe();
  }
}

interface Message {
  event?: string;
  id?: string;
  data: string;
}

/** Sends a message; false if the tab did not take it in time. */
async function taken(sse: SSEStreamingApi, message: Message): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(late.resolve, STALLED, false);
  const sent = await Promise.race([sse.writeSSE(message).then(() => true), late.promise]);
  clearTimeout(timer);
  if (!sent) sse.abort();
  return sent;
}

/** Remembers what one tab has been told; each call gives what has become different. */
function differences(master: Master, view: View, seen: string) {
  const last = { figures: "", order: "", tree: "" };
  let told = new Map<string, { row: Row; html: string }>();
  let seq = seenSeq(seen, master.instance);

  return function* (sample: Sample): Generator<Message> {
    const log = master.log().filter((entry) => entry.seq > seq);
    const rows = chooseRows(sample.rows, view);

    const figures = figuresHtml(sample, rows.length, view);
    if (figures !== last.figures) yield { data: figures };
    last.figures = figures;

    const now = new Map(
      rows.map((row) => [row.id, { row, html: `${(<ChildRow row={row} at={sample.at} />)}` }]),
    );
    const changed = [...now].filter(([id, { html }]) => told.get(id)?.html !== html);
    const ended = [...told.values()].filter(({ row }) => !now.has(row.id));
    const order = [...now.keys()].join(" ");
    if (changed.length > 0 || order !== last.order || ended.length > 0) {
      // All of the log: a sample may be older than what was told of the log last time.
      const reasons = endReasons(master.log());
      const html = [
        ...changed.map(([, { html }]) => html),
        ...ended.map(({ row }) => endedHtml(row, sample.at, reasons)),
      ];
      yield { event: "rows", data: rowsHtml(order, html) };
    }
    told = now;
    last.order = order;

    const tree = `${(<Tree sample={sample} view={view} />)}`;
    if (tree !== last.tree) yield { event: "tree", data: tree };
    last.tree = tree;

    const newest = log.at(-1);
    if (newest !== undefined) {
      seq = newest.seq;
      yield {
        event: "log",
        id: `${master.instance}:${seq}`,
        data: `${(<Log entries={log} instance={master.instance} />)}`,
      };
    }
  };
}

function figuresHtml(sample: Sample, shown: number, view: View): string {
  const figures = <MasterFigures master={sample.master} at={sample.at} />;
  const none = nothingShown(shown, sample.master.live, view);
  return `${(
    <>
      <hx-partial hx-target="#master" hx-swap="innerMorph">
        {figures}
      </hx-partial>
      <hx-partial hx-target="#none" hx-swap="textContent">
        {none}
      </hx-partial>
    </>
  )}`;
}

function rowsHtml(order: string, rows: readonly string[]): string {
  return `<table><tbody data-order="${order}">${rows.join("")}</tbody></table>`;
}

/** A row leaves the view when its child ended, or when the filter no longer matches it. */
function endedHtml(row: Row, at: number, reasons: ReadonlyMap<string, EndReason>): string {
  const reason = reasons.get(row.id);
  return reason === undefined ? "" : `${(<EndedRow row={row} at={at} reason={reason} />)}`;
}

function endReasons(log: readonly LogEntry[]): Map<string, EndReason> {
  return new Map(
    log.flatMap(({ event }) => (event.event === "ended" ? [[event.id, event.reason]] : [])),
  );
}

/** Where the tab's log ends, as it says itself; 0 if it is another master's. */
function seenSeq(seen: string, instance: string): number {
  const [of, seq] = seen.split(":");
  return of === instance && /^\d+$/.test(seq ?? "") ? Number(seq) : 0;
}

/** A flag that can be waited for. */
function signal() {
  let up = false;
  let wake = () => {};
  return {
    raise() {
      up = true;
      wake();
    },
    /** Settles when it is raised, or after `ms`; lowers it again. */
    async raised(ms: number): Promise<void> {
      if (!up) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      up = false;
    },
  };
}
