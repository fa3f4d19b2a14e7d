/** Queries of the history. */
import type { Database } from "bun:sqlite";
import {
  type AuditEntry,
  type SearchResult,
  type HistoryFilter,
  type HistoryQuery,
  MAX_RESULTS,
  MAX_TOP_SOURCES,
  CURSOR_PATTERN,
  type SessionHistory,
  type SessionRecord,
  type Totals,
} from "../../shared/history.ts";
import type { LogEntry, LogEvent, SessionIdentity } from "../../shared/log.ts";

const FIELDS = `id, pid, remoteAddress, remotePort, source, startedAt, servingMs, firstReplyMs, endedAt, reason,
  exitCode, signal, requests, bytesIn, bytesOut, cpuMs, maxResidentBytes`;

/** SQL for the client's address, in the format of `formatAddress`. */
const ADDRESS = `iif(instr(remoteAddress, ':'), '[' || remoteAddress || ']', remoteAddress) || ':' || remotePort`;

type Value = string | number;

/** A WHERE clause and the values of its parameters. */
interface Where {
  sql: string;
  values: Value[];
}

function where({ address, source, reason, from, to }: HistoryFilter, after?: string): Where {
  const [, startedAt, seq] = CURSOR_PATTERN.exec(after ?? "") ?? [];
  const conditions: [string, ...Value[]][] = [];
  if (address) conditions.push([`instr(${ADDRESS}, ?) > 0`, address.toLowerCase()]);
  if (source !== undefined) conditions.push(["source = ?", source]);
  if (reason !== undefined) conditions.push(["reason = ?", reason]);
  if (from !== undefined) conditions.push(["startedAt >= ?", from]);
  if (to !== undefined) conditions.push(["startedAt < ?", to]);
  if (startedAt !== undefined && seq !== undefined) {
    conditions.push(["(startedAt, seq) < (?, ?)", Number(startedAt), Number(seq)]);
  }
  const sql = conditions.map(([condition]) => condition).join(" AND ");
  return {
    sql: sql === "" ? "" : `WHERE ${sql}`,
    values: conditions.flatMap(([, ...values]) => values),
  };
}

/**
 * Returns a page of sessions, newest first. `after` is a position rather than an offset: new
 * sessions do not shift the pages, and the last page is as cheap as the first.
 */
export function search(db: Database, { limit, after, ...filter }: HistoryQuery): SearchResult {
  const { sql, values } = where(filter, after);
  const max = clampLimit(limit);
  const rows = db
    .query<SessionRecord & { seq: number }, Value[]>(
      `SELECT seq, ${FIELDS} FROM sessions ${sql} ORDER BY startedAt DESC, seq DESC LIMIT ?`,
    )
    .all(...values, max + 1);
  const last = rows.length > max ? rows[max - 1] : undefined;
  return {
    sessions: rows.slice(0, max).map(withoutSeq),
    next: last === undefined ? null : `${last.startedAt}-${last.seq}`,
  };
}

function withoutSeq(row: SessionRecord & { seq?: number }): SessionRecord {
  const { seq: _seq, ...session } = row;
  return session;
}

/**
 * Returns how many sessions match, by reason and by source. The bytes are what children report, so
 * their sum may be too large for an integer: `total()`, unlike `sum()`, does not fail then.
 */
export function totals(db: Database, filter: HistoryFilter): Totals {
  const { sql, values } = where(filter);
  const reasons = db
    .query<Totals["reasons"][number], Value[]>(
      `SELECT reason, count(*) AS count FROM sessions ${sql} GROUP BY reason ORDER BY count DESC, reason`,
    )
    .all(...values);
  const sources = db
    .query<Totals["sources"][number], Value[]>(
      `SELECT source, count(*) AS count, total(bytesIn) AS bytesIn, total(bytesOut) AS bytesOut
       FROM sessions ${sql} GROUP BY source ORDER BY count DESC, source LIMIT ${MAX_TOP_SOURCES}`,
    )
    .all(...values);
  return { sessions: reasons.reduce((sum, { count }) => sum + count, 0), reasons, sources };
}

type Row = { seq: number; at: number; event: string };

/** Returns a session and its log; null if there is no such session. */
export function readSession(db: Database, id: string): SessionHistory | null {
  const found = db
    .query<SessionRecord & { seq: number; droppedLogEntries: number }, [string]>(
      `SELECT seq, droppedLogEntries, ${FIELDS} FROM sessions WHERE id = ?`,
    )
    .get(id);
  if (found === null) return null;
  const { seq, droppedLogEntries, ...session } = found;
  const rows = db
    .query<Row, [number]>("SELECT seq, at, event FROM entries WHERE session = ? ORDER BY seq")
    .all(seq);
  return { session, log: parseEntries(session, rows), droppedLogEntries };
}

/** Restores the session's identity, which `write.ts` leaves out of each entry. */
function parseEntries(
  { id, remoteAddress, remotePort, ...session }: SessionRecord,
  rows: Row[],
): LogEntry[] {
  let { pid } = session;
  return rows.map(({ seq, at, event }) => {
    const stored = JSON.parse(event) as LogEvent & Partial<SessionIdentity>;
    pid = stored.pid ?? pid;
    const client = { id, remoteAddress, remotePort };
    const identity = stored.event === "accepted" ? client : { ...client, pid };
    return { seq, at, event: { ...stored, ...identity } as LogEvent };
  });
}

/** Returns what operators did, newest first. */
export function audit(
  db: Database,
  { before, limit }: { before?: number; limit: number },
): AuditEntry[] {
  const rows = db
    .query<Omit<AuditEntry, "event"> & { event: string }, [number, number]>(
      `SELECT seq, at, operator AS "by", id, event FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
    )
    .all(before ?? Number.MAX_SAFE_INTEGER, clampLimit(limit));
  return rows.map((row) => ({ ...row, event: JSON.parse(row.event) as LogEvent }));
}

function clampLimit(limit: number): number {
  return Math.min(Math.max(Math.trunc(limit), 1), MAX_RESULTS);
}
