/** Which of the children a view shows, and in which order. */
import { formatAddress } from "../../shared/address.ts";
import type { SortKey } from "../../shared/api.ts";
import type { ChildState } from "../../shared/master.ts";
import { partialSort } from "./partial-sort.ts";
import { LANGUAGES } from "../http/viewer.tsx";
import { createMemoize } from "../http/memoize.ts";
import type { Row } from "./sample.ts";
import type { View } from "./view.ts";

/** What of the children a view shows. */
export interface SelectedRows {
  /** In the view's order, as many as a page of it has. */
  rows: readonly Row[];
  /** The number of the first of them among those that match, from 1; 0 if there is none. */
  from: number;
  /** How many match the filter. */
  matching: number;
}

/**
 * Rows come in, and equal ones stay, oldest first. A page beyond the end is the last one. Views alike
 * cost no more than one.
 */
export function selectRows(all: readonly Row[], view: View): SelectedRows {
  const key = [view.sort, view.descending, view.from, view.pageSize, view.filter].join();
  return chosen(all, key, () => choose(all, view));
}

const chosen = createMemoize<SelectedRows>();

function choose(all: readonly Row[], view: View): SelectedRows {
  const matching = matchRows(all, view.filter);
  const lastPage = Math.floor(Math.max(0, matching.length - 1) / view.pageSize) * view.pageSize;
  const start = view.from > matching.length ? lastPage : view.from - 1;
  const rows = windowOf(matching, view, start, start + view.pageSize);
  return { rows, from: rows.length === 0 ? 0 : start + 1, matching: matching.length };
}

/** All rows that match the view's filter, in its order. */
export function sortedRows(all: readonly Row[], view: View): readonly Row[] {
  const matching = matchRows(all, view.filter);
  return windowOf(matching, view, 0, matching.length);
}

/** As they come they are sorted already by when they came. */
function windowOf(rows: readonly Row[], view: View, start: number, end: number): readonly Row[] {
  if (view.sort === "since" && !view.descending) return rows.slice(start, end);
  const compare = COMPARE[view.sort];
  return partialSort(rows, view.descending ? (a, b) => compare(b, a) : compare, start, end);
}

/** All that a filter finds, oldest first. */
export function matchRows(all: readonly Row[], filter: string): readonly Row[] {
  const wanted = filter.trim().toLowerCase();
  if (wanted === "") return all;
  return matched(all, wanted, () => {
    const texts = textsOf(all, "", () => all.map(textOf));
    return all.filter((_, index) => texts[index]?.includes(wanted));
  });
}

const matched = createMemoize<readonly Row[]>();
/** The longest part of the work, and the same for every filter. */
const textsOf = createMemoize<readonly string[]>();

/** What the filter looks in. Only what a client has sent can have capitals. */
function textOf(row: Row): string {
  const address = formatAddress(row.remoteAddress, row.remotePort);
  const command = (row.below ?? row.lastCommand ?? "").toLowerCase();
  return `${row.pid} ${address} ${STATES[displayedState(row)]} ${command}`;
}

/** A child's state as it is shown. */
export type DisplayedState = ChildState | "stopped";

/** A child that was sent STOP does not serve, whatever it said last. */
export function displayedState(row: Row): DisplayedState {
  return row.processState === "T" ? "stopped" : row.state;
}

/** Each state in every language, so that a view finds the same for all. */
const STATES: Record<DisplayedState, string> = {
  starting: inAll("starting"),
  serving: inAll("serving"),
  leaving: inAll("leaving"),
  stopped: inAll("stopped"),
};

function inAll(state: DisplayedState): string {
  const names = Object.values(LANGUAGES).map(({ states }) => states[state]);
  return names.join(" ").toLowerCase();
}

const COMPARE: Record<SortKey, (a: Row, b: Row) => number> = {
  pid: (a, b) => a.pid - b.pid,
  id: (a, b) => a.startedAt - b.startedAt,
  client: (a, b) => byText(a.remoteAddress, b.remoteAddress) || a.remotePort - b.remotePort,
  source: (a, b) => byText(a.source, b.source),
  since: (a, b) => a.startedAt - b.startedAt,
  reply: (a, b) => (a.firstReplyMs ?? -1) - (b.firstReplyMs ?? -1),
  idle: (a, b) => b.lastActiveAt - a.lastActiveAt,
  cpu: (a, b) => a.cpuPercent - b.cpuPercent,
  memory: (a, b) => a.privateBytes - b.privateBytes,
  resident: (a, b) => a.residentBytes - b.residentBytes,
  requests: (a, b) => a.requests - b.requests,
  in: (a, b) => (a.bytesIn ?? 0) - (b.bytesIn ?? 0),
  out: (a, b) => (a.bytesOut ?? 0) - (b.bytesOut ?? 0),
  command: (a, b) => byText(a.below ?? a.lastCommand ?? "", b.below ?? b.lastCommand ?? ""),
  state: (a, b) => byText(displayedState(a), displayedState(b)),
};

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
