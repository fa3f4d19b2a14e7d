import type { LogEntry } from "./log.ts";
import type { Signal } from "./signals.ts";

/**
 * The master as the dashboard sees it: what there is (snapshot), what happens (subscribe), and
 * the one thing that an operator can do (kill). The dashboard knows no other way to it.
 */
export interface Master {
  /** Tells this master from any before or after it on the same address. */
  readonly instance: string;
  /** The state of this moment. Costs one small object per live child. */
  snapshot(): Snapshot;
  /** The newest log entries, oldest first, 500 at the most. */
  log(): readonly LogEntry[];
  /** Calls `listener` after each change; gives the function that stops it. */
  subscribe(listener: () => void): () => void;
  /** Finds one live child by its session id. */
  find(id: string): Child | "gone" | "unknown";
  /** Sends a signal to the child of a session, never to a pid that came from outside. */
  kill(id: string, signal: Signal): KillResult;
}

export interface Snapshot {
  master: MasterStatus;
  /** Live children, oldest first. */
  children: readonly Child[];
  /** Children that have no client yet; no sessions. Oldest first. */
  spares: readonly Spare[];
}

export interface MasterStatus {
  pid: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  host: string;
  port: number;
  service: string;
  state: "accepting" | "stopping";
  maxClients: number;
  live: number;
  /** The most that were live at once. */
  peak: number;
  accepted: number;
  refused: number;
  /** How many spares are wanted. */
  spares: number;
}

/** A child started ahead of its client. */
export interface Spare {
  pid: number;
  /** starting: it rehearses. ready: it can be given a client. */
  state: "starting" | "ready";
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** starting: spawned, the socket not yet adopted. serving. leaving: the last reply is on its way. */
export type ChildState = "starting" | "serving" | "leaving";

/** One live session: one client's stay, one child's life. */
export interface Child {
  /** Never used again, not even by a later master. */
  id: string;
  pid: number;
  state: ChildState;
  remoteAddress: string;
  remotePort: number;
  /** Milliseconds since the epoch, as `lastActiveAt`. */
  startedAt: number;
  lastActiveAt: number;
  bytesIn: number;
  bytesOut: number;
  requests: number;
  /** Escaped; null before the first request. */
  lastCommand: string | null;
}

/** The one reason with which a session ends. */
export type EndReason =
  | "quit"
  | "client left"
  | "client reset"
  | "idle"
  | "killed by operator"
  | "killed by signal"
  | "crashed"
  | "server stopped";

export type KillResult =
  | { outcome: "unknown" }
  | { outcome: "gone" }
  | {
      outcome: "sent";
      child: Child;
      signal: Signal;
      /** Settles when the child has been reaped: the reason, and the ms since the signal. */
      ended: Promise<{ reason: EndReason; ms: number }>;
    };
