/** What is asked of the history. */
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

/** As formatAddress writes it. */
const ADDRESS = `iif(instr(remoteAddress, ':'), '[' || remoteAddress || ']', remoteAddress) || ':' || remotePort`;

type Value = string | number;

/** Conditions and the values of their parameters. */
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

/** Goes on by place, not by number: what comes meanwhile moves nothing, and the last page costs as the first. */
export function search(db: Database, { limit, after, ...filter }: HistoryQuery): SearchResult {
  const { sql, values } = where(filter, after);
  const most = Math.min(Math.max(Math.trunc(limit), 1), MAX_RESULTS);
  const rows = db
    .query<SessionRecord & { seq: number }, Value[]>(
      `SELECT seq, ${FIELDS} FROM sessions ${sql} ORDER BY startedAt DESC, seq DESC LIMIT ?`,
    )
    .all(...values, most + 1);
  const last = rows.length > most ? rows[most - 1] : undefined;
  return {
    sessions: rows.slice(0, most).map(withoutPlace),
    next: last === undefined ? null : `${last.startedAt}-${last.seq}`,
  };
}

function withoutPlace(row: SessionRecord & { seq?: number }): SessionRecord {
  const { seq: _seq, ...session } = row;
  return session;
}

export function totals(db: Database, filter: HistoryFilter): Totals {
  const { sql, values } = where(filter);
  const reasons = db
    .query<Totals["reasons"][number], Value[]>(
      `SELECT reason, count(*) AS count FROM sessions ${sql} GROUP BY reason ORDER BY count DESC, reason`,
    )
    .all(...values);
  const sources = db
    .query<Totals["sources"][number], Value[]>(
      `SELECT source, count(*) AS count, coalesce(sum(bytesIn), 0) AS bytesIn, coalesce(sum(bytesOut), 0) AS bytesOut
       FROM sessions ${sql} GROUP BY source ORDER BY count DESC, source LIMIT ${MAX_TOP_SOURCES}`,
    )
    .all(...values);
  return { sessions: reasons.reduce((sum, { count }) => sum + count, 0), reasons, sources };
}

type Row = { seq: number; at: number; event: string };

export function readSession(db: Database, id: string): SessionHistory | null {
  const found = db
    .query<SessionRecord & { seq: number; notKept: number }, [string]>(
      `SELECT seq, notKept, ${FIELDS} FROM sessions WHERE id = ?`,
    )
    .get(id);
  if (found === null) return null;
  const { seq, notKept, ...session } = found;
  const rows = db
    .query<Row, [number]>("SELECT seq, at, event FROM entries WHERE session = ? ORDER BY seq")
    .all(seq);
  return { session, log: withWhom(session, rows), notKept };
}

function withWhom(
  { id, remoteAddress, remotePort, ...session }: SessionRecord,
  rows: Row[],
): LogEntry[] {
  let { pid } = session;
  return rows.map(({ seq, at, event }) => {
    const stored = JSON.parse(event) as LogEvent & Partial<SessionIdentity>;
    pid = stored.pid ?? pid;
    const client = { id, remoteAddress, remotePort };
    const whom = stored.event === "accepted" ? client : { ...client, pid };
    return { seq, at, event: { ...stored, ...whom } as LogEvent };
  });
}

export function audit(
  db: Database,
  { before, limit }: { before?: number; limit: number },
): AuditEntry[] {
  const most = Math.min(Math.max(Math.trunc(limit), 1), MAX_RESULTS);
  const rows = db
    .query<Omit<AuditEntry, "event"> & { event: string }, [number, number]>(
      `SELECT seq, at, operator AS "by", id, event FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
    )
    .all(before ?? Number.MAX_SAFE_INTEGER, most);
  return rows.map((row) => ({ ...row, event: JSON.parse(row.event) as LogEvent }));
}
