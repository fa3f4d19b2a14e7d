/** What the master wants of the keeper of its history, and what it gets. Both sides have this in common. */
import type {
  AuditEntry,
  Found,
  HistoryFilter,
  HistoryQuery,
  SessionHistory,
  Totals,
} from "../../shared/history.ts";

/** Each call with what is given for it. */
export interface Wants {
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

export interface Gives {
  write: Written;
  settle: null;
  session: SessionHistory | null;
  search: Found;
  totals: Totals;
  audit: readonly AuditEntry[];
  upkeep: Written;
  close: null;
}

export type Name = keyof Wants;

export type Call = { [N in Name]: { number: number; name: N; wants: Wants[N] } }[Name];

/** `error`: why there is nothing. */
export type Answer = { number: number } & ({ gives: Gives[Name] } | { error: string });
