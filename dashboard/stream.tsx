/** @jsxImportSource hono/jsx */
/**
 * The live part: one stream of server-sent events a tab. Each message holds what changed since the
 * last one, and the next is made only when that one has been taken, so a slow tab gets fewer.
 *
 *     (unnamed)  parts that htmx swaps in by itself
 *     rows       the rows that changed, and the order of all; the page's script decides when a row moves
 *     tree       the tree; likewise
 *     log        new entries; the event's id tells where to go on after a break
 *     beat       nothing: the stream of a tab that wants news seldom is still there
 */
import type { Handler } from "hono";
import { raw } from "hono/html";
import type { Child as Content } from "hono/jsx";
import type { SSEStreamingApi } from "hono/streaming";
import type { LogEntry } from "../shared/log.ts";
import type { EndReason, Master } from "../shared/master.ts";
import { type Chosen, chooseRows } from "./choose.ts";
import { cpuTime } from "./cpu.ts";
import { type Ends, followEnds } from "./ends.ts";
import { createFlag, type Flag } from "./flag.ts";
import { frame, type Message } from "./frame.ts";
import { pageGate } from "./gate.ts";
import { kindOf, type Reader, readerOf, render } from "./reader.tsx";
import { rememberer } from "./remember.ts";
import type { Row, Sample, Sampler } from "./sample.ts";
import { parseView, type View, viewQuery } from "./view.ts";
import { ChildRow, EndedRow, lookOf, NotShown } from "./views/children.tsx";
import { Control } from "./views/control.tsx";
import { InForce, Notice, Refused } from "./views/limits.tsx";
import { Entries, Entry } from "./views/log.tsx";
import { MasterFigures } from "./views/master.tsx";
import { Pages } from "./views/pages.tsx";
import { Rooms } from "./views/rooms.tsx";
import { Spares } from "./views/spares.tsx";
import { Tree } from "./views/tree.tsx";

/** The least and the most time (ms) between two messages: eyes want no more than five a second. */
const SHORTEST = 200;
const LONGEST = 1000;

/** A tab that wants less hears in this time (ms) that the stream lives. */
const BEAT = 2000;

export function eventStream(master: Master, sampler: Sampler): Handler {
  const ends = followEnds(master);
  const gate = pageGate();

  return (c) => {
    const view = parseView(c.req.queries());
    const reader = readerOf(c);
    const seen = c.req.header("Last-Event-ID") ?? "";
    return gate(c, (sse) => follow(sse, { master, sampler, ends }, { view, reader, seen }));
  };
}

async function follow(
  sse: SSEStreamingApi,
  { master, sampler, ends }: Sources,
  tab: Tab,
): Promise<void> {
  const news = createFlag();
  const gone = createFlag();
  const unsubscribe = master.subscribe(news.raise);
  sse.onAbort(() => {
    gone.raise();
    news.raise();
  });
  const parts = differences(master, ends, tab);
  const { every } = tab.view;
  let saidAt = performance.now();
  try {
    while (!sse.aborted && !sse.closed) {
      const sample = sampler.recent();
      const begun = cpuTime();
      const now = performance.now();
      let messages = [...parts(sample)].map(frame).join("");
      if (messages !== "") saidAt = now;
      else if (now - saidAt >= BEAT) messages = frame(ALIVE);
      // One write for all: each one takes its way through streams of streams.
      const written = messages === "" ? null : sse.write(messages);
      sampler.spent(cpuTime() - begun);
      await written; // it settles when the tab has gone, too
      if (sampler.behind) news.raise();
      const pause = Math.min(LONGEST, Math.max(SHORTEST, sampler.dueIn()));
      await rest(sse, every === 0 ? pause : every * 1000, gone);
      if (every === 0) await news.raised(LONGEST - pause);
    }
  } finally {
    unsubscribe();
  }
}

/** Sends nothing new for `ms`; a page takes silence for a broken stream, so it hears that there is none. */
async function rest(sse: SSEStreamingApi, ms: number, gone: Flag): Promise<void> {
  const end = performance.now() + ms;
  while (!sse.aborted) {
    const left = end - performance.now();
    await gone.raised(Math.min(left, BEAT));
    if (left <= BEAT || sse.aborted) return;
    await sse.write(frame(ALIVE));
  }
}

const ALIVE: Message = { event: "beat", data: "." };

/** What streams tell of. */
interface Sources {
  master: Master;
  sampler: Sampler;
  ends: Ends;
}

/** Whom a stream is for. */
interface Tab {
  view: View;
  reader: Reader;
  /** Where its log ends, as it says itself. */
  seen: string;
}

/** Remembers what one tab has been told; each call gives what has become different. */
function differences(master: Master, ends: Ends, { view, reader, seen }: Tab) {
  const last = { parts: new Map<string, string>(), order: "", tree: "" };
  let lastSample: Sample | undefined;
  let told = new Map<string, { row: Row; html: string }>();
  let seq = seenSeq(seen, master.instance);
  let first = true;

  function* changes(sample: Sample): Generator<Message> {
    const chosen = chooseRows(sample.rows, view);
    const { rows, matching } = chosen;

    const parts = partsHtml(sample, chosen, view, reader);
    const news = parts.filter(([target, html]) => last.parts.get(target) !== html);
    if (news.length > 0) yield { data: news.map(([, html]) => html).join("") };
    last.parts = new Map(parts);

    const now = new Map(
      rows.map((row) => [row.id, { row, html: rowHtml(row, sample.at, view, reader) }]),
    );
    const changed = [...now].filter(([id, { html }]) => told.get(id)?.html !== html);
    const left = [...told.values()].filter(({ row }) => !now.has(row.id));
    const order = [...now.keys()].join(" ");
    if (first || changed.length > 0 || order !== last.order || left.length > 0) {
      const live = byId(sample.rows);
      const ended = left.filter(({ row }) => !live.has(row.id));
      const html = [
        ...changed.map(([, { html }]) => html),
        // Of another one that has left the view nothing more is told.
        ...ended.map(({ row }) => endedHtml(row, sample.at, ends.reasonOf(row.id), view, reader)),
      ];
      const whole = first && matching === rows.length;
      yield { event: "rows", data: rowsHtml(order, html, whole) };
    }
    first = false;
    told = now;
    last.order = order;

    const tree = treeHtml(sample, view, reader);
    if (tree !== last.tree) yield { event: "tree", data: tree };
    last.tree = tree;
  }

  return function* (sample: Sample): Generator<Message> {
    const log = newerThan(seq, master.log());
    if (sample !== lastSample) yield* changes(sample);
    lastSample = sample;
    const newest = log.at(-1);
    if (newest !== undefined) {
      seq = newest.seq;
      yield {
        event: "log",
        id: `${master.instance}:${seq}`,
        data: logHtml(log, master.instance, reader),
      };
    }
  };
}

/** What all tabs show alike is rendered once, however many they are, and again when it has changed. */
const rowsRendered = new Map<string, { look: string; html: string }>();
const partsRendered = rememberer<PartsHtml>();
const treesRendered = rememberer<string>();
const entriesRendered = rememberer<string>();

/** Rendered rows that are kept, those of ended sessions among them. */
const MOST_RENDERED = 2000;

function rowHtml(row: Row, at: number, { columns }: View, reader: Reader): string {
  const look = lookOf(row, at, columns);
  return remembered(row.id, look, columns, reader, () => (
    <ChildRow row={row} at={at} columns={columns} />
  ));
}

function remembered(
  id: string,
  look: string,
  columns: View["columns"],
  reader: Reader,
  row: () => Content,
): string {
  const key = `${id} ${kindOf(reader)} ${columns.join()}`;
  const known = rowsRendered.get(key);
  if (known?.look === look) return known.html;
  const html = render(reader, row());
  rowsRendered.delete(key);
  rowsRendered.set(key, { look, html });
  const [oldest] = rowsRendered.keys();
  if (rowsRendered.size > MOST_RENDERED && oldest !== undefined) rowsRendered.delete(oldest);
  return html;
}

function treeHtml(sample: Sample, view: View, reader: Reader): string {
  const key = `${viewQuery(view)} ${kindOf(reader)}`; // the links in it lead to views
  return treesRendered(sample, key, () => render(reader, <Tree sample={sample} view={view} />));
}

/** The end of the log. */
function newerThan(seq: number, log: readonly LogEntry[]): readonly LogEntry[] {
  return log.slice(log.findLastIndex((entry) => entry.seq <= seq) + 1);
}

function logHtml(entries: readonly LogEntry[], instance: string, reader: Reader): string {
  const kind = kindOf(reader);
  const html = entries.map((entry) =>
    entriesRendered(entry, kind, () => render(reader, <Entry entry={entry} />)),
  );
  return render(reader, <Entries instance={instance}>{raw(html.join(""))}</Entries>);
}

/** What htmx swaps in, by where it belongs: each of them is sent when it has changed. */
type PartsHtml = readonly (readonly [target: string, html: string])[];

function partsHtml(sample: Sample, chosen: Chosen, view: View, reader: Reader): PartsHtml {
  const part = (target: string, content: Content, swap = "innerMorph") => {
    const html = render(
      reader,
      <hx-partial hx-target={target} hx-swap={swap}>
        {content}
      </hx-partial>,
    );
    return [target, html] as const;
  };
  const { master, rooms } = sample;
  const forAll = partsRendered(sample, kindOf(reader), () => [
    part("#master", <MasterFigures sample={sample} />),
    part("#notice", <Notice sample={sample} />),
    part("#control", <Control master={master} />),
    part("#refused", <Refused master={master} />),
    part("#limits", <InForce master={master} />),
    ...(master.spares > 0 ? [part("#spares", <Spares sample={sample} />)] : []),
    ...(master.serves === "module" ? [part("#rooms", <Rooms rooms={rooms} />)] : []),
  ]);
  return [
    ...forAll,
    part("#pages", <Pages chosen={chosen} view={view} />),
    part("#none", <NotShown chosen={chosen} live={master.live} view={view} />, "textContent"),
  ];
}

/** `whole`: no row of the view is missing, so a row that the tab has beyond these has ended. */
function rowsHtml(order: string, rows: readonly string[], whole: boolean): string {
  const body = `<tbody data-order="${order}" data-whole="${whole}">${rows.join("")}</tbody>`;
  return `<table>${body}</table>`;
}

/** As it was when it was seen last. */
function endedHtml(
  row: Row,
  at: number,
  reason: EndReason | "ended" = "ended",
  { columns }: View,
  reader: Reader,
): string {
  return remembered(row.id, `ended ${reason}`, columns, reader, () => (
    <EndedRow row={row} at={at} columns={columns} reason={reason} />
  ));
}

const rowsById = rememberer<ReadonlyMap<string, Row>>();

function byId(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return rowsById(rows, "", () => new Map(rows.map((row) => [row.id, row])));
}

/** Where the tab's log ends, as it says itself; 0 if it is another master's. */
function seenSeq(seen: string, instance: string): number {
  const [of, seq] = seen.split(":");
  return of === instance && /^\d+$/.test(seq ?? "") ? Number(seq) : 0;
}
