/** The calls that the master makes to the thread that stores its history, and their results. */
import type {
  AuditEntry,
  SearchResult,
  HistoryFilter,
  HistoryQuery,
  SessionHistory,
  Totals,
} from "../../shared/history.ts";
import type { HistoryConfig } from "./store.ts";

/** The values of the number that the master and the thread share. */
export const STARTING = 0;
export const RUNNING = 1;

/** Each call with its argument. */
export interface CallArguments {
  /** The first call. The result is that of the first maintenance. */
  open: HistoryConfig;
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
  open: Stored;
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
