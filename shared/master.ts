import type { Limit } from "./limits.ts";
import type { ConfinementSummary, LogEntry, LogEvent } from "./log.ts";
import type { Signal } from "./signals.ts";
import type { Receipt, RefuseReason } from "./outcome.ts";

/**
 * The dashboard's only interface to the master: its state (snapshot, status), its events
 * (subscribe, follow) and an operator's actions (kill, pause, resume, drain). `by` names
 * the operator, for the log.
 */
export interface Master {
  /**
   * Identifies this run of the master: differs from every earlier or later
   * master on the same address.
   */
  readonly instance: string;
  /** Returns the current state. Allocates one small object per live child. */
  snapshot(): Snapshot;
  /** Returns the master's own state, at the same cost however many children there are. */
  status(): MasterStatus;
  /** Returns the newest log entries, at most 500, oldest first. */
  log(): readonly LogEntry[];
  /** Calls `listener` after each change. Returns a function that stops this. */
  subscribe(listener: () => void): () => void;
  /** Calls `listener` with each log entry as it is written. Returns a function that stops this. */
  follow(listener: (entry: LogEntry) => void): () => void;
  /** Finds the live child of a session; "already ended" if the session has. */
  find(id: string): Child | "already ended" | "unknown";
  /**
   * Sends a signal to the child of a session. Takes no PID: it may belong
   * to another process by now.
   */
  kill(id: string, request: KillRequest): KillResult;
  /** Logs that an operator requested a signal to many children, or cancelled the rest. */
  logBulkKill(event: Extract<LogEvent, { event: "kill requested" | "kill cancelled" }>): void;
  /** Logs wrong passwords for the page. */
  logWrongPassword(event: Extract<LogEvent, { event: "wrong password" }>): void;
  /**
   * Stops accepting until `resume`: new clients wait in the kernel's queue.
   * Returns why it failed, or null.
   */
  pause(by: string): Error | null;
  /** Returns why it failed, or null. */
  resume(by: string): Error | null;
  /**
   * Stops accepting, lets live clients finish for `ms`, ends the rest and then stops the server.
   * Returns an error if the server is draining or stopping already: asking again neither hurries a
   * drain nor changes its deadline.
   */
  drain(ms: number, by: string): Error | null;
}

export interface Snapshot {
  master: MasterStatus;
  /** Live children, oldest first. */
  children: readonly Child[];
  /** Children without a client yet, so not sessions. Oldest first. */
  spares: readonly Spare[];
  /** Rooms in which children exchange messages, largest first. */
  rooms: readonly Room[];
}

export interface MasterStatus {
  pid: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  host: string;
  port: number;
  /** The service that each client gets, in words. */
  service: string;
  serves: Serves;
  /** paused: new clients wait in the kernel's queue. draining: live clients may finish. */
  state: "accepting" | "paused" | "draining" | "stopping";
  /** When the pause or drain ends at the latest, in ms since the epoch; null without one. */
  until: number | null;
  /** The operator who paused it; null if not paused, or paused for lack of descriptors. */
  pausedBy: string | null;
  maxClients: number;
  live: number;
  /** Peak of `live`. */
  peak: number;
  /** Always received = accepted + refused + waiting, and accepted = live + ended. */
  received: number;
  accepted: number;
  ended: number;
  refused: number;
  /** Clients waiting for a slot (`--refuse wait`). */
  waiting: number;
  /** Refusals so far, by reason. */
  refusals: readonly Refusals[];
  /** The limits in force. */
  limits: readonly Limit[];
  /** How each child is confined. */
  confinement: ConfinementSummary;
  /** The number of spares to maintain. */
  spares: number;
  /** The current number of spares, by state. */
  sparesByState: Readonly<Record<Spare["state"], number>>;
}

/**
 * built-in: a service that comes with brood. module: one from a file. exec: a program.
 * pty: a program in a terminal.
 */
export type Serves = "built-in" | "module" | "exec" | "pty";

export interface Refusals {
  reason: RefuseReason;
  count: number;
  /** When the last one was, in ms since the epoch, and from which address. */
  lastAt: number;
  lastAddress: string;
}

export interface Room {
  name: string;
  /** Number of members. */
  size: number;
}

/** A child started ahead of its client. */
export interface Spare {
  pid: number;
  /** starting: loading and warming up. ready: can receive a client. */
  state: "starting" | "ready";
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** starting: spawned, has not taken its socket yet. leaving: sending its last reply. */
export type ChildState = "starting" | "serving" | "leaving";

/** One live session: one client and its child. */
export interface Child {
  /** The session's ID. Never reused, not even by a later master. */
  id: string;
  pid: number;
  /** The user ID that it was started with. */
  uid: number;
  state: ChildState;
  remoteAddress: string;
  remotePort: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** When a byte was last sent or received, in ms since the epoch. */
  lastActiveAt: number;
  /** The client's address, or the network that counts as one source. */
  source: string;
  /** From acceptance until the child was serving, and until its first reply; null before that. */
  servingMs: number | null;
  firstReplyMs: number | null;
  /** Null if the client talks to a program directly. */
  bytesIn: number | null;
  bytesOut: number | null;
  requests: number;
  /** Escaped; null before the first request. */
  lastCommand: string | null;
}

export interface KillRequest {
  signal: Signal;
  /** The operator, for the log. */
  by: string;
  /** KILL follows after this time if the child is still there; null: nothing follows. */
  graceMs: number | null;
  /** The bulk kill that this is part of; null: this child alone. */
  job: string | null;
}

export type KillResult =
  | { outcome: "unknown" }
  | { outcome: "already ended" }
  | {
      outcome: "sent";
      child: Child;
      /** Resolves when the outcome is known. */
      receipt: Promise<Receipt>;
    };
