/** The JSON of the dashboard's API. Dates are ISO 8601 strings. */
import type { SessionRecord } from "./history.ts";
import type { Child, ChildState, MasterStatus, Refusals } from "./master.ts";
import type { Signal } from "./signals.ts";
import type { Receipt } from "./outcome.ts";

/** The columns of the children's table, from left to right. */
export const SORT_KEYS = [
  "pid",
  "id",
  "client",
  "source",
  "since",
  "reply",
  "idle",
  "cpu",
  "memory",
  "resident",
  "requests",
  "in",
  "out",
  "command",
  "state",
] as const;

/** A column to sort by, whether it is shown or not. */
export type SortKey = (typeof SORT_KEYS)[number];

/** One of `GET /api/children`. */
export interface ChildJson extends Omit<Child, "startedAt" | "lastActiveAt"> {
  state: ChildState;
  startedAt: string;
  lastActiveAt: string;
  /** It was stopped by a signal, whatever state it last reported. */
  stopped: boolean;
  /**
   * Percentage of one core over the last seconds. These figures are null if they cannot be read.
   */
  cpuPercent: number | null;
  /** Memory that no other process shares. */
  privateBytes: number | null;
  residentBytes: number | null;
  /**
   * Its descendants, as a tree of text in one or more lines; null if
   * children cannot start processes.
   */
  below: string | null;
}

/** `GET /api/master`. */
export interface MasterJson extends Omit<
  MasterStatus,
  "startedAt" | "until" | "refusals" | "limits" | "confinement"
> {
  /** The limits in force, in words. */
  limits: readonly { name: string; value: string }[];
  /** How each child is confined, as a sentence. */
  confinement: string;
  startedAt: string;
  until: string | null;
  refusals: readonly (Omit<Refusals, "lastAt"> & { lastAt: string })[];
}

/** The response of `DELETE /api/children/ID`. */
export interface SentJson {
  id: string;
  pid: number;
  signal: Signal;
  sent: true;
  /** With `wait=1`. */
  receipt?: Receipt;
}

/** A process of `GET /api/tree` with its descendants. */
export interface TreeJson {
  pid: number;
  name: string;
  /** The session's ID if the process is a live child. */
  id: string | null;
  children: readonly TreeJson[];
}

/** One of `GET /api/history`. */
export interface SessionJson extends Omit<SessionRecord, "startedAt" | "endedAt"> {
  startedAt: string;
  endedAt: string | null;
}

/** `GET /api/history`. `next`: the `after` of the next page; null at the end. */
export interface HistoryJson {
  sessions: readonly SessionJson[];
  next: string | null;
}
