/**
 * How a search of the history is written in an address: its parameters, and
 * the links that carry them.
 */
import { z } from "@hono/zod-openapi";
import {
  CURSOR_PATTERN,
  HISTORY_REASONS,
  type HistoryFilter,
  MAX_RESULTS,
} from "../../shared/history.ts";
import { oneOf } from "../http/openapi/parameters.ts";

/** Results in one response unless `limit` says otherwise. */
export const DEFAULT_LIMIT = 100;

/** No address is longer. */
const MAX_ADDRESS_CHARS = 100;

/** Treats an empty value, which forms send for an empty field, as absent. */
function optional<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === "" ? undefined : value), schema.optional());
}

const address = z
  .string("must be given once")
  .transform((text) => text.trim().slice(0, MAX_ADDRESS_CHARS))
  .optional();

const moment = optional(
  z
    .string("must be given once")
    .transform((text, context) => {
      const at = parseMoment(text);
      if (at !== null) return at;
      context.addIssue("must be a time such as 2026-01-31T12:00:00Z, or ms since the epoch");
      return z.NEVER;
    })
    .openapi({ description: "ISO 8601, or ms since the epoch" }),
);

const limitError = `must be a number from 1 to ${MAX_RESULTS}`;

const limit = optional(
  z
    .string(limitError)
    .regex(/^\d+$/, limitError)
    .transform(Number)
    .pipe(z.number().min(1, limitError).max(MAX_RESULTS, limitError))
    .openapi({ type: "integer", minimum: 1, maximum: MAX_RESULTS, default: DEFAULT_LIMIT }),
).transform((count = DEFAULT_LIMIT) => count);

const filterFields = {
  address: address.describe("Part of the client's address"),
  source: address.describe("The source: an address, or the network that counts as one"),
  reason: optional(oneOf(HISTORY_REASONS)),
  from: moment,
  to: moment,
};

/** Selects sessions. Absent fields are absent from the result, too. */
export const historyFilter = z.object(filterFields).transform(present);

const cursorError = "must be the `next` of an earlier response";

/** One page of the sessions that match. */
export const historyQuery = z
  .object({
    ...filterFields,
    limit,
    after: optional(
      z
        .string(cursorError)
        .regex(CURSOR_PATTERN, cursorError)
        .describe("Continues there: the `next` of an earlier response"),
    ),
  })
  .transform(({ limit, ...query }) => ({ limit, ...present(query) }));

/** One page of the audit log. */
export const auditQuery = z
  .object({
    limit,
    before: optional(
      z
        .string(cursorError)
        .regex(/^\d{1,15}$/, cursorError)
        .transform(Number)
        .openapi({
          type: "integer",
          description: "Continues there: the `next` of an earlier response",
        }),
    ),
  })
  .transform(({ limit, ...query }) => ({ limit, ...present(query) }));

type Present<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Drops the fields that are undefined or empty. */
function present<Fields extends object>(fields: Fields): Present<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(entries) as Present<Fields>;
}

const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * Takes ISO 8601, in the server's time zone unless it names one, or ms since the
 * epoch. Null if it is neither.
 */
function parseMoment(text: string): number | null {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  if (!MOMENT.test(text)) return null;
  // JavaScript takes a date without a time for UTC.
  const at = Date.parse(text.includes("T") ? text : `${text}T00:00`);
  return Number.isNaN(at) ? null : at;
}

/** The address of the page that shows the sessions that match, from `after` on. */
export function historyAddress(filter: HistoryFilter, after?: string): string {
  return `/history${queryText(filter, after)}`;
}

/** The address of a file with all sessions that match. */
export function exportAddress(format: "csv" | "json", filter: HistoryFilter): string {
  return `/history/export.${format}${queryText(filter)}`;
}

function queryText({ address, source, reason, from, to }: HistoryFilter, after?: string): string {
  const iso = (at: number | undefined) => at && new Date(at).toISOString();
  const fields = { address, source, reason, from: iso(from), to: iso(to), after };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value) query.set(name, `${value}`);
  return query.size === 0 ? "" : `?${query}`;
}
