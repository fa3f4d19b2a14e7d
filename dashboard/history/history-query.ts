/** What is asked of the history, as it stands in an address. */
import {
  HISTORY_REASONS,
  type HistoryFilter,
  type HistoryQuery,
  MAX_RESULTS,
  CURSOR_PATTERN,
} from "../../shared/history.ts";

/** Sessions of one answer where nothing is said. */
export const DEFAULT_LIMIT = 100;

/** No address is longer. */
const MAX_ADDRESS = 100;

type RawQuery = Record<string, string>;

/** What is empty is as if it were not there, as forms send it. Gives an error that says what is wrong. */
export function parseHistoryQuery(given: RawQuery): HistoryQuery | Error {
  const filter = parseHistoryFilter(given);
  if (filter instanceof Error) return filter;
  const limit = parseLimit(given.limit);
  if (limit instanceof Error) return limit;
  const { after = "" } = given;
  if (after !== "" && !CURSOR_PATTERN.test(after)) return new Error("after is what `next` gave");
  return { ...filter, limit, ...(after === "" ? {} : { after }) };
}

export function parseHistoryFilter({
  address = "",
  source = "",
  reason = "",
  from,
  to,
}: RawQuery): HistoryFilter | Error {
  const known = HISTORY_REASONS.find((name) => name === reason);
  if (reason !== "" && known === undefined) {
    return new Error(`reason is one of ${HISTORY_REASONS.join(", ")}`);
  }
  const begin = parseMoment("from", from);
  if (begin instanceof Error) return begin;
  const end = parseMoment("to", to);
  if (end instanceof Error) return end;
  const part = address.trim().slice(0, MAX_ADDRESS);
  return {
    ...(part === "" ? {} : { address: part }),
    ...(source.trim() === "" ? {} : { source: source.trim().slice(0, MAX_ADDRESS) }),
    ...(known === undefined ? {} : { reason: known }),
    ...(begin === null ? {} : { from: begin }),
    ...(end === null ? {} : { to: end }),
  };
}

/** The other way round: where the page shows the sessions that match, from `after` on. */
export function historyAddress(filter: HistoryFilter, after?: string): string {
  return `/history${queryText(filter, after)}`;
}

/** Where all of them are had as a file. */
export function exportAddress(form: "csv" | "json", filter: HistoryFilter): string {
  return `/history/export.${form}${queryText(filter)}`;
}

function queryText({ address, source, reason, from, to }: HistoryFilter, after?: string): string {
  const moment = (at: number | undefined) => at && new Date(at).toISOString();
  const given = { address, source, reason, from: moment(from), to: moment(to), after };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value) query.set(name, `${value}`);
  return query.size === 0 ? "" : `?${query}`;
}

export function parseAuditQuery(given: RawQuery): { before?: number; limit: number } | Error {
  const limit = parseLimit(given.limit);
  if (limit instanceof Error) return limit;
  const { before = "" } = given;
  if (!/^\d{0,15}$/.test(before)) return new Error("before is what `next` gave");
  return { limit, ...(before === "" ? {} : { before: Number(before) }) };
}

/** A number that counts, up to what one answer has. */
function parseLimit(text = ""): number | Error {
  if (text === "") return DEFAULT_LIMIT;
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= MAX_RESULTS) return limit;
  return new Error(`limit is a number from 1 to ${MAX_RESULTS}`);
}

const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** ISO 8601 or ms since the epoch; without a zone it is the server's time. Null where there is none. */
function parseMoment(name: string, text = ""): number | null | Error {
  if (text === "") return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  // A day alone would be taken for one of Greenwich.
  const at = MOMENT.test(text)
    ? Date.parse(text.includes("T") ? text : `${text}T00:00`)
    : Number.NaN;
  if (!Number.isNaN(at)) return at;
  return new Error(`${name} is a time such as 2026-01-31T12:00:00Z, or ms since the epoch`);
}
