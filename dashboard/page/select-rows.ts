/** Which children a view shows, and in which order. */
import { formatAddress } from "../../shared/address.ts";
import type { SortKey } from "../../shared/api.ts";
import { createMemoize } from "../http/memoize.ts";
import { LANGUAGES } from "../http/viewer.tsx";
import { displayedState, type DisplayedState } from "./displayed-state.ts";
import { partialSort } from "./partial-sort.ts";
import type { Row } from "./sample.ts";
import type { View } from "./view.ts";

/** One page of the table. */
export interface SelectedRows {
  /** In the view's order. */
  rows: readonly Row[];
  /** The position of the first of them among all that match, from 1; 0 if none match. */
  from: number;
  /** How many rows match the filter. */
  matching: number;
}

/**
 * Each state in every language, so that a filter in a shared address finds
 * the same rows for everyone.
 */
const STATE_NAMES: Record<DisplayedState, string> = {
  starting: inAllLanguages("starting"),
  serving: inAllLanguages("serving"),
  leaving: inAllLanguages("leaving"),
  stopped: inAllLanguages("stopped"),
};

const COMPARE: Record<SortKey, (a: Row, b: Row) => number> = {
  pid: (a, b) => a.pid - b.pid,
  id: (a, b) => a.startedAt - b.startedAt,
  client: (a, b) => compareText(a.remoteAddress, b.remoteAddress) || a.remotePort - b.remotePort,
  source: (a, b) => compareText(a.source, b.source),
  since: (a, b) => a.startedAt - b.startedAt,
  reply: (a, b) => (a.firstReplyMs ?? -1) - (b.firstReplyMs ?? -1),
  idle: (a, b) => b.lastActiveAt - a.lastActiveAt,
  cpu: (a, b) => a.cpuPercent - b.cpuPercent,
  memory: (a, b) => a.privateBytes - b.privateBytes,
  resident: (a, b) => a.residentBytes - b.residentBytes,
  requests: (a, b) => a.requests - b.requests,
  in: (a, b) => (a.bytesIn ?? 0) - (b.bytesIn ?? 0),
  out: (a, b) => (a.bytesOut ?? 0) - (b.bytesOut ?? 0),
  command: (a, b) => compareText(a.below ?? a.lastCommand ?? "", b.below ?? b.lastCommand ?? ""),
  state: (a, b) => compareText(displayedState(a), displayedState(b)),
};

const memoizedPages = createMemoize<SelectedRows>();
const memoizedMatches = createMemoize<readonly Row[]>();
/** What the filter searches: the slowest part of the work, and the same for every filter. */
const memoizedTexts = createMemoize<readonly string[]>();

/**
 * Returns the page of rows that the view shows. `all` are sorted by age, oldest first, and rows
 * that compare as equal stay in that order. A page beyond the end is the last one. Tabs with the
 * same view share the result.
 */
export function selectRows(all: readonly Row[], view: View): SelectedRows {
  const key = [view.sort, view.descending, view.from, view.pageSize, view.filter].join();
  return memoizedPages(all, key, () => {
    const matching = matchRows(all, view.filter);
    const lastPage = Math.floor(Math.max(0, matching.length - 1) / view.pageSize) * view.pageSize;
    const start = view.from > matching.length ? lastPage : view.from - 1;
    const rows = sortedSlice(matching, view, start, start + view.pageSize);
    return { rows, from: rows.length === 0 ? 0 : start + 1, matching: matching.length };
  });
}

/** Returns all rows that match the view's filter, in its order. */
export function sortedRows(all: readonly Row[], view: View): readonly Row[] {
  const matching = matchRows(all, view.filter);
  return sortedSlice(matching, view, 0, matching.length);
}

/** Returns all rows that match a filter, oldest first. */
export function matchRows(all: readonly Row[], filter: string): readonly Row[] {
  const wanted = filter.trim().toLowerCase();
  if (wanted === "") return all;
  return memoizedMatches(all, wanted, () => {
    const texts = memoizedTexts(all, "", () => all.map(searchableText));
    return all.filter((_, index) => texts[index]?.includes(wanted));
  });
}

/** `rows` are sorted by age already. */
function sortedSlice(rows: readonly Row[], view: View, start: number, end: number): readonly Row[] {
  if (view.sort === "since" && !view.descending) return rows.slice(start, end);
  const compare = COMPARE[view.sort];
  return partialSort(rows, view.descending ? (a, b) => compare(b, a) : compare, start, end);
}

/** Everything but what the client sent is in lower case already. */
function searchableText(row: Row): string {
  const address = formatAddress(row.remoteAddress, row.remotePort);
  const command = (row.below ?? row.lastCommand ?? "").toLowerCase();
  return `${row.pid} ${address} ${STATE_NAMES[displayedState(row)]} ${command}`;
}

function inAllLanguages(state: DisplayedState): string {
  const names = Object.values(LANGUAGES).map(({ states }) => states[state]);
  return names.join(" ").toLowerCase();
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
