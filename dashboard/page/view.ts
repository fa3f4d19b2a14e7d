/**
 * What one viewer has chosen to see. It lives in the page's address, so it can
 * be bookmarked and shared.
 */
import { SORT_KEYS, type SortKey } from "../../shared/api.ts";
import { formatExpandedGroups, type GroupStarts, parseExpandedGroups } from "./expanded-groups.ts";

/** Rows per page of the table. */
export const PAGE_SIZES = [50, 100, 200] as const;

/** Seconds between two updates; 0: as soon as something changes. */
export const REFRESH_SECONDS = [0, 1, 2, 5, 10] as const;

export interface View {
  sort: SortKey;
  descending: boolean;
  filter: string;
  /** The position of the first row shown among those that match, from 1. */
  from: number;
  pageSize: (typeof PAGE_SIZES)[number];
  /** In the order of `SORT_KEYS`; PID is always one of them. */
  columns: readonly SortKey[];
  refreshSeconds: (typeof REFRESH_SECONDS)[number];
  scope: "server" | "host";
  charset: "ascii" | "utf8";
  compact: boolean;
  pids: boolean;
  /** The expanded groups of the tree. */
  expandedGroups: GroupStarts;
  paused: boolean;
}

/**
 * As in the tutorial: the server's own tree, compact and in ASCII, and the children oldest first.
 */
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

/** In characters; a longer filter matches nothing anyway. */
const MAX_FILTER_CHARS = 100;

/** Each name with all of its values: a form sends one for each ticked checkbox. */
export type Query = Readonly<Record<string, readonly string[]>>;

/** Parses an untrusted query; invalid values are ignored. */
export function parseView(query: Query): View {
  const one = (name: string) => query[name]?.[0];
  const view: View = {
    sort: SORT_KEYS.find((key) => key === one("sort")) ?? DEFAULT_VIEW.sort,
    descending: one("dir") === "desc",
    filter: (one("filter") ?? "").trim().slice(0, MAX_FILTER_CHARS),
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
  // If the form was sent with another filter or order, the page that it was
  // on means nothing any more.
  const pageOf = one("of");
  return pageOf === undefined || pageOf === pagingKey(view) ? view : { ...view, from: 1 };
}

/**
 * Identifies what the table is paged over: other rows, or the same in
 * another order, have other pages.
 */
export function pagingKey({ sort, descending, filter }: View): string {
  return [sort, descending ? "desc" : "asc", filter].join();
}

function parseFrom(text = ""): number {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : DEFAULT_VIEW.from;
}

/** `cols=client,since`, or `cols=client&cols=since` as a form sends it. */
function parseColumns(values: readonly string[] | undefined): readonly SortKey[] {
  if (values === undefined) return DEFAULT_VIEW.columns;
  const wanted = new Set(["pid", ...values.flatMap((value) => value.split(","))]);
  return SORT_KEYS.filter((key) => wanted.has(key));
}

/**
 * Returns the query of a view with `change` applied; defaults are left out.
 * Returns "" if nothing remains.
 */
export function viewQuery(view: View, change: Partial<View> = {}): string {
  const next = { ...view, ...change };
  const columns = next.columns.join();
  const query = new URLSearchParams();
  if (next.sort !== DEFAULT_VIEW.sort) query.set("sort", next.sort);
  if (next.descending) query.set("dir", "desc");
  if (next.filter !== "") query.set("filter", next.filter);
  if (next.from !== DEFAULT_VIEW.from) query.set("from", String(next.from));
  if (next.pageSize !== DEFAULT_VIEW.pageSize) query.set("rows", String(next.pageSize));
  if (columns !== DEFAULT_VIEW.columns.join()) query.set("cols", columns);
  if (next.refreshSeconds !== DEFAULT_VIEW.refreshSeconds) {
    query.set("every", String(next.refreshSeconds));
  }
  if (next.scope !== "server") query.set("scope", next.scope);
  if (next.charset !== "ascii") query.set("charset", next.charset);
  if (!next.compact) query.set("compact", "0");
  if (next.pids) query.set("pids", "1");
  if (next.expandedGroups.size > 0) query.set("open", formatExpandedGroups(next.expandedGroups));
  if (next.paused) query.set("paused", "1");
  // A comma needs no escape in a query, and is easier to read without one.
  return query.size === 0 ? "" : `?${query.toString().replaceAll("%2C", ",")}`;
}
