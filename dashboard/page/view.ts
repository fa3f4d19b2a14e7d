/** What one reader has chosen to see. It lives in the page's address, so it can be kept and shared. */

import { SORT_KEYS, type SortKey } from "../../shared/api.ts";
import { formatExpandedGroups, type GroupStarts, parseExpandedGroups } from "./expanded-groups.ts";

/** Rows on a page of the table. */
export const PAGE_SIZES = [50, 100, 200] as const;

/** Seconds between two looks; 0: as soon as there is something new. */
export const REFRESH_SECONDS = [0, 1, 2, 5, 10] as const;

export interface View {
  sort: SortKey;
  descending: boolean;
  filter: string;
  /** The number of the first row that is shown, of those that match: from 1. */
  from: number;
  pageSize: (typeof PAGE_SIZES)[number];
  /** In the order of `SORT_KEYS`. */
  columns: readonly SortKey[];
  refreshSeconds: (typeof REFRESH_SECONDS)[number];
  scope: "server" | "host";
  charset: "ascii" | "utf8";
  compact: boolean;
  pids: boolean;
  /** The groups of the tree that are open. */
  expandedGroups: GroupStarts;
  paused: boolean;
}

/** As the tutorial shows it: its own tree, compact, in ASCII; the children as they came. */
export const DEFAULT_VIEW: View = {
  sort: "since",
  descending: false,
  filter: "",
  from: 1,
  pageSize: 100,
  columns: ["pid", "client", "since", "idle", "cpu", "memory", "in", "out", "command", "state"],
  refreshSeconds: 0,
  scope: "server",
  charset: "ascii",
  compact: true,
  pids: false,
  expandedGroups: new Map(),
  paused: false,
};

/** A longer filter matches nothing anyway. */
const MAX_FILTER = 100;

/** Of a name that is there more than once, as the boxes of a form are, each value in turn. */
export type Query = Readonly<Record<string, readonly string[]>>;

/** Takes a query as it came; what makes no sense in it is as if it were not there. */
export function parseView(query: Query): View {
  const one = (name: string) => query[name]?.[0];
  const view: View = {
    sort: SORT_KEYS.find((key) => key === one("sort")) ?? DEFAULT_VIEW.sort,
    descending: one("dir") === "desc",
    filter: (one("filter") ?? "").trim().slice(0, MAX_FILTER),
    from: parseFrom(one("from")),
    pageSize: PAGE_SIZES.find((size) => String(size) === one("rows")) ?? DEFAULT_VIEW.pageSize,
    columns: parseColumns(query.cols),
    refreshSeconds:
      REFRESH_SECONDS.find((rate) => String(rate) === one("every")) ?? DEFAULT_VIEW.refreshSeconds,
    scope: one("scope") === "host" ? "host" : "server",
    charset: one("charset") === "utf8" ? "utf8" : "ascii",
    compact: one("compact") !== "0",
    pids: one("pids") === "1",
    expandedGroups: parseExpandedGroups(one("open") ?? ""),
    paused: one("paused") === "1",
  };
  // The page's form was sent with another filter or another order: what was its tenth page means nothing now.
  const of = one("of");
  return of === undefined || of === pagingKey(view) ? view : { ...view, from: 1 };
}

/** What a page's number is about: other rows, or the same ones in another order, have other pages. */
export function pagingKey({ sort, descending, filter }: View): string {
  return [sort, descending ? "desc" : "asc", filter].join();
}

function parseFrom(text = ""): number {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : DEFAULT_VIEW.from;
}

/** `cols=client,since`, or `cols=client&cols=since` as a form says it. */
function parseColumns(values: readonly string[] | undefined): readonly SortKey[] {
  if (values === undefined) return DEFAULT_VIEW.columns;
  const wanted = new Set(["pid", ...values.flatMap((value) => value.split(","))]);
  return SORT_KEYS.filter((key) => wanted.has(key));
}

/** The query of a view with some of it changed; what is as by default is left out. */
export function viewQuery(view: View, change: Partial<View> = {}): string {
  const {
    sort,
    descending,
    filter,
    from,
    pageSize: rows,
    columns,
    refreshSeconds: every,
    ...rest
  } = { ...view, ...change };
  const { scope, charset, compact, pids, expandedGroups: open, paused } = rest;
  const query = new URLSearchParams();
  if (sort !== DEFAULT_VIEW.sort) query.set("sort", sort);
  if (descending) query.set("dir", "desc");
  if (filter !== "") query.set("filter", filter);
  if (from !== DEFAULT_VIEW.from) query.set("from", String(from));
  if (rows !== DEFAULT_VIEW.pageSize) query.set("rows", String(rows));
  if (columns.join() !== DEFAULT_VIEW.columns.join()) query.set("cols", columns.join());
  if (every !== DEFAULT_VIEW.refreshSeconds) query.set("every", String(every));
  if (scope !== "server") query.set("scope", scope);
  if (charset !== "ascii") query.set("charset", charset);
  if (!compact) query.set("compact", "0");
  if (pids) query.set("pids", "1");
  if (open.size > 0) query.set("open", formatExpandedGroups(open));
  if (paused) query.set("paused", "1");
  // A comma needs no escape in a query, and is easier to read as such.
  return query.size === 0 ? "" : `?${query.toString().replaceAll("%2C", ",")}`;
}
