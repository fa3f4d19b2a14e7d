/** What has become different for one tab since it was told last. */
import type { LogEntry } from "../../shared/log.ts";
import type { Master } from "../../shared/master.ts";
import { selectRows } from "./select-rows.ts";
import type { RecentEnds } from "./recent-ends.ts";
import { type Message, eventId, parseEventId } from "../http/stream/frame.ts";
import type { Viewer } from "../http/viewer.tsx";
import { createMemoize } from "../http/memoize.ts";
import { endedHtml, logHtml, partsHtml, rowHtml, rowsHtml, treeHtml } from "./render.tsx";
import type { Row, Sample } from "./sample.ts";
import type { View } from "./view.ts";

/** Whom a stream is for. */
export interface TabContext {
  view: View;
  viewer: Viewer;
  /** Where its log ends, as it says itself. */
  lastEventId: string;
}

/** Remembers what one tab has been told; each call gives what has become different. */
export function createDiff(
  master: Master,
  ends: RecentEnds,
  { view, viewer: reader, lastEventId: seen }: TabContext,
) {
  const last = { parts: new Map<string, string>(), order: "", tree: "" };
  let lastSample: Sample | undefined;
  let told = new Map<string, { row: Row; html: string }>();
  let seq = parseEventId(master.instance, seen);
  let first = true;

  function* changes(sample: Sample): Generator<Message> {
    const chosen = selectRows(sample.rows, view);
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
        id: eventId(master.instance, seq),
        data: logHtml(log, master.instance, reader),
      };
    }
  };
}

const rowsById = createMemoize<ReadonlyMap<string, Row>>();

function byId(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return rowsById(rows, "", () => new Map(rows.map((row) => [row.id, row])));
}

/** The end of the log. */
function newerThan(seq: number, log: readonly LogEntry[]): readonly LogEntry[] {
  return log.slice(log.findLastIndex((entry) => entry.seq <= seq) + 1);
}
