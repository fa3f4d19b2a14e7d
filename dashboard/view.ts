/** What one reader has chosen to see. It lives in the page's address, so it can be kept and shared. */
import { formatAddress } from "../shared/address.ts";
import type { ChildState } from "../shared/master.ts";
import { formatParts, type Parts, parseParts } from "./parts.ts";
import { LANGUAGES } from "./reader.tsx";
import { rememberer } from "./remember.ts";
import type { Row } from "./sample.ts";

export const SORT_KEYS = [
  "pid",
  "client",
  "since",
  "idle",
  "cpu",
  "memory",
  "in",
  "out",
  "command",
  "state",
] as const;

export type SortKey = (typeof SORT_KEYS)[number];

export interface View {
  sort: SortKey;
  descending: boolean;
  filter: string;
  scope: "server" | "host";
  charset: "ascii" | "utf8";
  compact: boolean;
  pids: boolean;
  /** The groups of the tree that are open. */
  open: Parts;
  paused: boolean;
}

/** As the tutorial shows it: its own tree, compact, in ASCII; the children as they came. */
export const DEFAULT_VIEW: View = {
  sort: "since",
  descending: false,
  filter: "",
  scope: "server",
  charset: "ascii",
  compact: true,
  pids: false,
  open: new Map(),
  paused: false,
};

/** A longer filter matches nothing anyway. */
const MAX_FILTER = 100;

/** Takes a query as it came; what makes no sense in it is as if it were not there. */
export function parseView(query: Record<string, string>): View {
  return {
    sort: SORT_KEYS.find((key) => key === query.sort) ?? DEFAULT_VIEW.sort,
    descending: query.dir === "desc",
    filter: (query.filter ?? "").trim().slice(0, MAX_FILTER),
    scope: query.scope === "host" ? "host" : "server",
    charset: query.charset === "utf8" ? "utf8" : "ascii",
    compact: query.compact !== "0",
    pids: query.pids === "1",
    open: parseParts(query.open ?? ""),
    paused: query.paused === "1",
  };
}

/** The query of a view with some of it changed; what is as by default is left out. */
export function viewQuery(view: View, change: Partial<View> = {}): string {
  const { sort, descending, filter, scope, charset, compact, pids, open, paused } = {
    ...view,
    ...change,
  };
  const query = new URLSearchParams();
  if (sort !== DEFAULT_VIEW.sort) query.set("sort", sort);
  if (descending) query.set("dir", "desc");
  if (filter !== "") query.set("filter", filter);
  if (scope !== "server") query.set("scope", scope);
  if (charset !== "ascii") query.set("charset", charset);
  if (!compact) query.set("compact", "0");
  if (pids) query.set("pids", "1");
  if (open.size > 0) query.set("open", formatParts(open));
  if (paused) query.set("paused", "1");
  return query.size === 0 ? "" : `?${query}`;
}

/** Rows that are shown at the most: more is nothing to read, and a filter finds the others. */
export const MOST_ROWS = 200;

/** What of the children a view shows. */
export interface Chosen {
  /** In the view's order, `MOST_ROWS` at the most. */
  rows: readonly Row[];
  /** How many match the filter. */
  matching: number;
}

/** Rows come in, and equal ones stay, oldest first. Views alike cost no more than one. */
export function chooseRows(all: readonly Row[], view: View): Chosen {
  const key = [view.sort, view.descending, view.filter].join();
  return chosen(all, key, () => choose(all, view));
}

const chosen = rememberer<Chosen>();

function choose(all: readonly Row[], view: View): Chosen {
  const matching = rowsOf(all, view);
  return { rows: matching.slice(0, MOST_ROWS), matching: matching.length };
}

/** All rows that match the view's filter, in its order. */
export function rowsOf(
  all: readonly Row[],
  view: Pick<View, "filter" | "sort" | "descending">,
): Row[] {
  const wanted = view.filter.toLowerCase();
  const matching = wanted === "" ? [...all] : all.filter((row) => textOf(row).includes(wanted));
  const compare = COMPARE[view.sort];
  return matching.sort((a, b) => (view.descending ? compare(b, a) : compare(a, b)));
}

/** What the filter looks in; the state in every language, so that a view finds the same for all. */
function textOf(row: Row): string {
  const state = stateOf(row);
  const states = Object.values(LANGUAGES).map(({ states }) => states[state]);
  const address = formatAddress(row.remoteAddress, row.remotePort);
  const command = row.below ?? row.lastCommand ?? "";
  return `${row.pid} ${address} ${states.join(" ")} ${command}`.toLowerCase();
}

/** A child's state as it is shown. */
export type State = ChildState | "stopped";

/** A child that was sent STOP does not serve, whatever it said last. */
export function stateOf(row: Row): State {
  return row.processState === "T" ? "stopped" : row.state;
}

const COMPARE: Record<SortKey, (a: Row, b: Row) => number> = {
  pid: (a, b) => a.pid - b.pid,
  client: (a, b) => byText(a.remoteAddress, b.remoteAddress) || a.remotePort - b.remotePort,
  since: (a, b) => a.startedAt - b.startedAt,
  idle: (a, b) => b.lastActiveAt - a.lastActiveAt,
  cpu: (a, b) => a.cpuPercent - b.cpuPercent,
  memory: (a, b) => a.privateBytes - b.privateBytes,
  in: (a, b) => (a.bytesIn ?? 0) - (b.bytesIn ?? 0),
  out: (a, b) => (a.bytesOut ?? 0) - (b.bytesOut ?? 0),
  command: (a, b) => byText(a.below ?? a.lastCommand ?? "", b.below ?? b.lastCommand ?? ""),
  state: (a, b) => byText(stateOf(a), stateOf(b)),
};

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
