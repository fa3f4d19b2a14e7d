/**
 * What has been: sessions, their logs and what operators did, kept beyond their end. The dashboard
 * knows the store only through this; server/history/ holds it.
 */
import type { LogEntry } from "./log.ts";
import { END_REASONS, type EndReason } from "./outcome.ts";

/** Each question rejects with an error that says why where the disk does not answer, or there are too many. */
export interface History {
  /** Where it is kept; null: in memory, until the server ends. */
  readonly file: string | null;
  /** How many ended sessions are kept, and how long (ms; 0: whatever their age). */
  readonly retention: { maxSessions: number; maxAgeMs: number };
  /** Why nothing is being written there at the moment; null while all is well. */
  readonly writeError: string | null;
  /** One session, live or ended, with its log; null if it is not known, or was let go. */
  session(id: string): Promise<SessionHistory | null>;
  /** Sessions that match, the newest first, `query.limit` at the most. */
  search(query: HistoryQuery): Promise<SearchResult>;
  /** Those that match, counted. */
  totals(query: HistoryFilter): Promise<Totals>;
  /** What operators did, the newest first; `before` is the `seq` of the last one seen. */
  audit(query: { before?: number; limit: number }): Promise<readonly AuditEntry[]>;
}

/** What a session can be searched by. */
export const HISTORY_REASONS = ["live", "lost", ...END_REASONS] as const;

/** What one answer has at the most. */
export const MAX_RESULTS = 1000;

export interface HistoryFilter {
  /** A part of the client's address, as `192.0.2.7:51234` or `[2001:db8::7]:51234`. */
  address?: string;
  /** Its source, as it stands there. */
  source?: string;
  reason?: SessionRecord["reason"];
  /** Begun at or after, and before (ms since the epoch). */
  from?: number;
  to?: number;
}

export interface HistoryQuery extends HistoryFilter {
  limit: number;
  /** Goes on after this place, as `Found.next` gave it. */
  after?: string;
}

export interface SearchResult {
  sessions: readonly SessionRecord[];
  /** Where to go on; null at the end. */
  next: string | null;
}

/** `after` is such a place: when a session began, and its place among those of the same moment. */
export const CURSOR_PATTERN = /^(\d{1,15})-(\d{1,15})$/;

/** One session as it is kept. Times in ms, sizes in bytes; null: not known, or not yet. */
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
  /** live: not ended. lost: its end was not told, as where its master was killed. */
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
  /** Its first and its newest log entries, oldest first. */
  log: readonly LogEntry[];
  /** Entries between those that were not kept. */
  notKept: number;
}

/** Sources that are counted one by one. */
export const MAX_TOP_SOURCES = 20;

export interface Totals {
  sessions: number;
  /** The most frequent first. */
  reasons: readonly { reason: SessionRecord["reason"]; count: number }[];
  /** The `MOST_SOURCES` with the most sessions. */
  sources: readonly { source: string; count: number; bytesIn: number; bytesOut: number }[];
}

export interface AuditEntry {
  /** Counts up with each; not without gaps. */
  seq: number;
  at: number;
  /** `anna at 127.0.0.1`; `SIGHUP`, where a signal told the master. */
  by: string;
  /** What was logged of it. */
  event: LogEntry["event"];
  /** The session it was about; null: the server, or many. */
  id: string | null;
}
