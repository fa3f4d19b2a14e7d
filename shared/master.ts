import type { Limit } from "./limits.ts";
import type { ConfinementSummary, LogEntry, LogEvent } from "./log.ts";
import type { Signal } from "./signals.ts";
import type { Receipt, RefuseReason } from "./outcome.ts";

/**
 * The master as the dashboard sees it: what there is (snapshot), what happens (subscribe, follow), and
 * what an operator can do (kill, pause, resume, drain). The dashboard knows no other way to it.
 */
export interface Master {
  /** Tells this master from any before or after it on the same address. */
  readonly instance: string;
  /** The state of this moment. Costs one small object per live child. */
  snapshot(): Snapshot;
  /** The master alone: costs the same however many children there are. */
  status(): MasterStatus;
  /** The newest log entries, oldest first, 500 at the most. */
  log(): readonly LogEntry[];
  /** Calls `listener` after each change; gives the function that stops it. */
  subscribe(listener: () => void): () => void;
  /** Calls `listener` with each log entry as it is written; gives the function that stops it. */
  follow(listener: (entry: LogEntry) => void): () => void;
  /** Finds one live child by its session id. */
  find(id: string): Child | "gone" | "unknown";
  /** Sends a signal to the child of a session, never to a pid that came from outside. */
  kill(id: string, order: KillRequest): KillResult;
  /** Writes in the log what an operator has ordered for many children; `which` says in words (escaped) how they were chosen. */
  logBulkKill(order: Extract<LogEvent, { event: "kill requested" | "kill cancelled" }>): void;
  /** Accepts nobody until `resume`: clients wait in the kernel's queue. Gives why it cannot be done, or null. */
  pause(by: string): Error | null;
  resume(by: string): Error | null;
  /** Accepts nobody more, lets live clients finish for `ms`, ends the rest and then the server. */
  drain(ms: number, by: string): void;
}

export interface Snapshot {
  master: MasterStatus;
  /** Live children, oldest first. */
  children: readonly Child[];
  /** Children that have no client yet; no sessions. Oldest first. */
  spares: readonly Spare[];
  /** The rooms in which children talk with each other, the fullest first. */
  rooms: readonly Room[];
}

export interface MasterStatus {
  pid: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  host: string;
  port: number;
  /** What each client gets, in words. */
  service: string;
  serves: Serves;
  /** paused: clients wait in the kernel's queue. draining: live clients may finish. */
  state: "accepting" | "paused" | "draining" | "stopping";
  /** When the pause or the drain ends at the latest, in ms since the epoch; null if there is none. */
  until: number | null;
  /** The operator who paused it; null where it is not paused, or has run out of descriptors. */
  pausedBy: string | null;
  maxClients: number;
  live: number;
  /** The most that were live at once. */
  peak: number;
  /** At every moment received = accepted + refused + waiting, and accepted = live + ended. */
  received: number;
  accepted: number;
  ended: number;
  refused: number;
  /** Clients that wait for room (`--refuse wait`). */
  waiting: number;
  /** The reasons for which clients were refused so far. */
  refusals: readonly Refusals[];
  /** What is in force. */
  limits: readonly Limit[];
  /** What holds each child in. */
  confinement: ConfinementSummary;
  /** How many spares are wanted. */
  spares: number;
  /** How many of them there are, by what they do. */
  sparesByState: Readonly<Record<Spare["state"], number>>;
}

/** built-in: a service in each child's bundle. module: a file with one. exec: a program. pty: one in a terminal. */
export type Serves = "built-in" | "module" | "exec" | "pty";

export interface Refusals {
  reason: RefuseReason;
  count: number;
  /** The last one: when, in ms since the epoch, and who. */
  lastAt: number;
  lastAddress: string;
}

export interface Room {
  name: string;
  /** Members. */
  size: number;
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
  /** Its address, or the network that counts as one. */
  source: string;
  /** From its being accepted until its child served it, and until that had answered; null if it has not. */
  servingMs: number | null;
  firstReplyMs: number | null;
  /** Null where the client's bytes are a program's alone. */
  bytesIn: number | null;
  bytesOut: number | null;
  requests: number;
  /** Escaped; null before the first request. */
  lastCommand: string | null;
}

export interface KillRequest {
  signal: Signal;
  /** Who asks, for the log. */
  by: string;
  /** After so long (ms) KILL follows if the child still lives; null: nothing follows. */
  graceMs: number | null;
  /** The order to many that it is a part of; null: it is for this child alone. */
  job: string | null;
}

export type KillResult =
  | { outcome: "unknown" }
  | { outcome: "gone" }
  | {
      outcome: "sent";
      child: Child;
      /** Settles when it is known what became of it. */
      receipt: Promise<Receipt>;
    };
