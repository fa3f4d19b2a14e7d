/** What the dashboard's API says, as JSON: dates are ISO 8601 texts, times in ms, sizes in bytes. */
import type { SessionRecord } from "./history.ts";
import type { Child, ChildState, MasterStatus, Refusals } from "./master.ts";
import type { Signal } from "./signals.ts";
import type { Receipt } from "./outcome.ts";

/** Every column of the children, as the table has them from left to right. */
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

/** Rows are sorted by any column, whether it is shown or not. */
export type SortKey = (typeof SORT_KEYS)[number];

/** One of `GET /api/children`. */
export interface ChildJson extends Omit<Child, "startedAt" | "lastActiveAt"> {
  state: ChildState;
  startedAt: string;
  lastActiveAt: string;
  /** It was sent STOP, whatever it said last of its state. */
  stopped: boolean;
  /** Share of one processor over the last seconds; null, as the two below, where it cannot be read. */
  cpuPercent: number | null;
  /** Memory that is this process's alone. */
  privateBytes: number | null;
  residentBytes: number | null;
  /** What runs below it, as a tree in text of one or more lines; null where children start nothing. */
  below: string | null;
}

/** `GET /api/master`. */
export interface MasterJson extends Omit<
  MasterStatus,
  "startedAt" | "until" | "refusals" | "limits" | "confinement"
> {
  /** What is in force, in words. */
  limits: readonly { name: string; value: string }[];
  /** What holds each child in, as a sentence. */
  confinement: string;
  startedAt: string;
  until: string | null;
  refusals: readonly (Omit<Refusals, "lastAt"> & { lastAt: string })[];
}

/** What became of `DELETE /api/children/ID`. */
export interface SentJson {
  id: string;
  pid: number;
  signal: Signal;
  sent: true;
  /** With `wait=1`. */
  receipt?: Receipt;
}

/** A process of `GET /api/tree`, with all below it. */
export interface TreeJson {
  pid: number;
  name: string;
  /** The session's, where the process is a live child. */
  id: string | null;
  children: readonly TreeJson[];
}

/** One of `GET /api/history`. */
export interface SessionJson extends Omit<SessionRecord, "startedAt" | "endedAt"> {
  startedAt: string;
  endedAt: string | null;
}

/** `GET /api/history`: `next` is the `after` of what comes next; null at the end. */
export interface HistoryJson {
  sessions: readonly SessionJson[];
  next: string | null;
}
