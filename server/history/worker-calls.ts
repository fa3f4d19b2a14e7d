/** The calls that the master makes to the thread that stores its history, and their results. */
import type {
  AuditEntry,
  SearchResult,
  HistoryFilter,
  HistoryQuery,
  SessionHistory,
  Totals,
} from "../../shared/history.ts";

/** Each call with its argument. */
export interface CallArguments {
  /** A batch of log entries as JSON: a string passes to another thread faster than the objects. */
  write: string;
  /** The IDs of the sessions that are live: all others of this master have ended. */
  markLost: readonly string[];
  session: string;
  search: HistoryQuery;
  totals: HistoryFilter;
  audit: { before?: number; limit: number };
  /** The worker calls this itself and sends the result as number 0. */
  maintain: null;
  close: null;
}

/** Why the history is in memory although it has a file; null if it is where it should be. */
interface Stored {
  fallbackReason: string | null;
}

export interface CallResults {
  write: Stored;
  markLost: null;
  session: SessionHistory | null;
  search: SearchResult;
  totals: Totals;
  audit: readonly AuditEntry[];
  maintain: Stored;
  close: null;
}

export type CallName = keyof CallArguments;

export type Call = {
  [N in CallName]: { number: number; name: N; argument: CallArguments[N] };
}[CallName];

/** `error`: why the call failed. */
export type CallReply = { number: number } & (
  { result: CallResults[CallName] } | { error: string }
);
