/**
 * The history as the dashboard sees it: sessions with their logs, and what operators did.
 * Implemented by server/history/.
 */
import type { LogEntry } from "./log.ts";
import { END_REASONS, type EndReason } from "./outcome.ts";

/** Each query rejects if the disk does not respond or too many queries are pending. */
export interface History {
  /** The database file; null: in memory, until the server stops. */
  readonly file: string | null;
  /** How many ended sessions are kept, and for how long; 0: regardless of age. */
  readonly retention: { maxSessions: number; maxAgeMs: number };
  /** Why entries are currently not being written; null while all is well. */
  readonly writeError: string | null;
  /** Returns a live or ended session with its log; null if it is unknown or was deleted. */
  session(id: string): Promise<SessionHistory | null>;
  /** Returns matching sessions, newest first, at most `query.limit`. */
  search(query: HistoryQuery): Promise<SearchResult>;
  /** Counts matching sessions. */
  totals(query: HistoryFilter): Promise<Totals>;
  /** Returns operators' actions, newest first. `before`: only those older than this `seq`. */
  audit(query: { before?: number; limit: number }): Promise<readonly AuditEntry[]>;
}

/** Values of `HistoryFilter.reason`. */
export const HISTORY_REASONS = ["live", "lost", ...END_REASONS] as const;

/** Maximum results of one query. */
export const MAX_RESULTS = 1000;

export interface HistoryFilter {
  /** Part of the client's address and port: `192.0.2.7:51234` or `[2001:db8::7]:51234`. */
  address?: string;
  /** The exact source. */
  source?: string;
  reason?: SessionRecord["reason"];
  /** Started at or after `from` and before `to`, in ms since the epoch. */
  from?: number;
  to?: number;
}

export interface HistoryQuery extends HistoryFilter {
  limit: number;
  /** Continues after this cursor, a `SearchResult.next`. */
  after?: string;
}

export interface SearchResult {
  sessions: readonly SessionRecord[];
  /** Cursor of the next page; null at the end. */
  next: string | null;
}

/** A cursor: when a session started (ms since the epoch), and its row number. */
export const CURSOR_PATTERN = /^(\d{1,15})-(\d{1,15})$/;

/** One session as stored. Null: unknown, or not yet. */
export interface SessionRecord {
  id: string;
  pid: number;
  remoteAddress: string;
  remotePort: number;
  source: string;
  startedAt: number;
  servingMs: number | null;
  firstReplyMs: number | null;
  endedAt: number | null;
  /**
   * live: not ended. lost: its end was never recorded, for example because the master was killed.
   */
  reason: EndReason | "live" | "lost";
  exitCode: number | null;
  signal: string | null;
  requests: number;
  bytesIn: number | null;
  bytesOut: number | null;
  cpuMs: number | null;
  maxResidentBytes: number | null;
}

export interface SessionHistory {
  session: SessionRecord;
  /** Its first and newest log entries, oldest first. */
  log: readonly LogEntry[];
  /** Number of entries between those that were dropped. */
  droppedLogEntries: number;
}

/** Maximum sources in `Totals`. */
export const MAX_TOP_SOURCES = 20;

export interface Totals {
  sessions: number;
  /** Most frequent first. */
  reasons: readonly { reason: SessionRecord["reason"]; count: number }[];
  /** The sources with the most sessions, at most `MAX_TOP_SOURCES`. */
  sources: readonly { source: string; count: number; bytesIn: number; bytesOut: number }[];
}

export interface AuditEntry {
  /** Increases with each entry; may have gaps. */
  seq: number;
  at: number;
  /** `anna at 127.0.0.1`, or the signal that the master received: `SIGHUP`. */
  by: string;
  /** The log event. */
  event: LogEntry["event"];
  /** The session concerned; null: the server, or many sessions. */
  id: string | null;
}
