/** Works out what has changed on one tab's page since its last message. */
import type { LogEntry } from "../../shared/log.ts";
import type { Master } from "../../shared/master.ts";
import { createMemoize } from "../http/memoize.ts";
import { eventId, type Message, parseEventId } from "../http/stream/frame.ts";
import type { Viewer } from "../http/viewer.tsx";
import type { RecentEnds } from "./recent-ends.ts";
import { endedHtml, logHtml, partsHtml, rowHtml, rowsHtml, treeHtml } from "./render.tsx";
import type { Row, Sample } from "./sample.ts";
import { type SelectedRows, selectRows } from "./select-rows.ts";
import type { View } from "./view.ts";

/** What a tab asks for when it opens its stream. */
export interface TabContext {
  view: View;
  viewer: Viewer;
  /** The ID of the newest log event that the tab has, as the browser sent it; "" if it has none. */
  lastEventId: string;
}

/**
 * Returns a function that yields a message for each part of the page that has
 * changed since its last call.
 */
export function createDiff(master: Master, ends: RecentEnds, tab: TabContext) {
  const diffParts = createPartsDiff(tab);
  const diffRows = createRowsDiff(ends, tab);
  const diffTree = createTreeDiff(tab);
  const diffLog = createLogDiff(master, tab);
  let lastSample: Sample | undefined;

  return function* (sample: Sample): Generator<Message> {
    if (sample !== lastSample) {
      const selected = selectRows(sample.rows, tab.view);
      yield* diffParts(sample, selected);
      yield* diffRows(sample, selected);
      yield* diffTree(sample);
    }
    lastSample = sample;
    yield* diffLog();
  };
}

function createPartsDiff({ view, viewer }: TabContext) {
  let sent = new Map<string, string>();

  return function* (sample: Sample, selected: SelectedRows): Generator<Message> {
    const parts = partsHtml(sample, selected, view, viewer);
    const changed = parts.filter(([target, html]) => sent.get(target) !== html);
    sent = new Map(parts);
    if (changed.length > 0) yield { data: changed.map(([, html]) => html).join("") };
  };
}

function createRowsDiff(ends: RecentEnds, { view, viewer }: TabContext) {
  /** The rows that the tab shows, by session ID; null before the first message. */
  let sent: { rows: ReadonlyMap<string, { row: Row; html: string }>; order: string } | null = null;

  return function* (sample: Sample, { rows, matching }: SelectedRows): Generator<Message> {
    const previous = sent;
    const current = new Map(
      rows.map((row) => [row.id, { row, html: rowHtml(row, sample.at, view, viewer) }]),
    );
    const order = [...current.keys()].join(" ");
    sent = { rows: current, order };
    const changed = [...current].filter(([id, { html }]) => previous?.rows.get(id)?.html !== html);
    if (order === previous?.order && changed.length === 0) return;

    const live = rowsById(sample.rows);
    // A live row that has left the view needs no message of its own: the new order leaves it out.
    const ended = [...(previous?.rows ?? [])].filter(([id]) => !current.has(id) && !live.has(id));
    const html = [
      ...changed.map(([, row]) => row.html),
      ...ended.map(([id, { row }]) => endedHtml(row, sample.at, ends.reasonOf(id), view, viewer)),
    ];
    const isComplete = previous === null && matching === rows.length;
    yield { event: "rows", data: rowsHtml(order, html, isComplete) };
  };
}

function createTreeDiff({ view, viewer }: TabContext) {
  let sent = "";

  return function* (sample: Sample): Generator<Message> {
    const html = treeHtml(sample, view, viewer);
    if (html === sent) return;
    sent = html;
    yield { event: "tree", data: html };
  };
}

function createLogDiff(master: Master, { viewer, lastEventId }: TabContext) {
  let lastSeq = parseEventId(master.instance, lastEventId);

  return function* (): Generator<Message> {
    const entries = newerThan(lastSeq, master.log());
    const newest = entries.at(-1);
    if (newest === undefined) return;
    lastSeq = newest.seq;
    yield {
      event: "log",
      id: eventId(master.instance, lastSeq),
      data: logHtml(entries, master.instance, viewer),
    };
  };
}

const memoizedRowsById = createMemoize<ReadonlyMap<string, Row>>();

function rowsById(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return memoizedRowsById(rows, "", () => new Map(rows.map((row) => [row.id, row])));
}

function newerThan(seq: number, log: readonly LogEntry[]): readonly LogEntry[] {
  return log.slice(log.findLastIndex((entry) => entry.seq <= seq) + 1);
}
