/** What the master wants of the keeper of its history, and what it gets. Both sides have this in common. */
import type {
  AuditEntry,
  SearchResult,
  HistoryFilter,
  HistoryQuery,
  SessionHistory,
  Totals,
} from "../../shared/history.ts";

/** Each call with what is given for it. */
export interface CallArguments {
  /** A batch of log entries, as JSON: one text is given to another thread sooner than what it stands for. */
  write: string;
  settle: readonly string[];
  session: string;
  search: HistoryQuery;
  totals: HistoryFilter;
  audit: { before?: number; limit: number };
  /** Done by the keeper by itself, and told as number 0. */
  upkeep: null;
  close: null;
}

/** Where what was written is kept: why in memory and not in its file, or null. */
interface Written {
  exile: string | null;
}

export interface CallResults {
  write: Written;
  settle: null;
  session: SessionHistory | null;
  search: SearchResult;
  totals: Totals;
  audit: readonly AuditEntry[];
  upkeep: Written;
  close: null;
}

export type CallName = keyof CallArguments;

export type Call = {
  [N in CallName]: { number: number; name: N; wants: CallArguments[N] };
}[CallName];

/** `error`: why there is nothing. */
export type CallReply = { number: number } & ({ gives: CallResults[CallName] } | { error: string });
