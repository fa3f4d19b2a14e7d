/**
 * One session: a client and its child. What never changes is readonly; what changes is grouped by
 * the one module that writes it.
 */
import type { SessionIdentity } from "../../shared/log.ts";
import type { Child } from "../../shared/master.ts";
import type { EndReason } from "../../shared/outcome.ts";
import type { Signal } from "../../shared/signals.ts";
import type { ChildProcess } from "../handover/child-process.ts";
import type { Limits } from "../options/options.ts";
import type { Serving } from "../options/serving.ts";
import { startTicksOf } from "../os/descendants.ts";
import { createLogBudget, type LogBudget } from "./log-budget.ts";
import {
  INITIAL_STATE,
  next,
  type SessionEvent,
  type SessionState,
  type TerminationCause,
} from "./state.ts";

/**
 * Fields named `…MonotonicMs` are times of `performance.now`, which no change of the clock affects.
 */
export interface Session {
  readonly id: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The client's address, or the network that counts as one source. */
  readonly source: string;
  /** When the client was accepted, in ms since the epoch, for display. */
  readonly startedAt: number;
  readonly startedMonotonicMs: number;
  /** The deadlines in force when the session began. */
  readonly deadlines: Deadlines;
  /** The child is a program (`--exec`): it has no channel, and the master keeps its deadline. */
  readonly isProgram: boolean;
  /** Resolved once, by reap.ts, after the child has been reaped. */
  readonly ended: PromiseWithResolvers<{ reason: EndReason; leftovers: number }>;
  /** Written by `advance` below. */
  state: SessionState;
  /** Written by sessions.ts. */
  child: SessionChild;
  /** Written by child-messages.ts. */
  readonly reported: Reported;
  /** Written by kill.ts, which sends every signal that a child gets. */
  readonly signals: SentSignals;
  /** Written by watchdog.ts. */
  readonly watchdog: WatchdogNotes;
}

/**
 * The process that serves the client. A spare that does not take its client is
 * replaced by another process.
 */
export interface SessionChild {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Tells the process from a later one with the same PID; null if it had gone already. */
  readonly startTicks: number | null | "unknown";
}

/** What the child has reported. A child that was taken over may lie: none of this is trusted. */
export interface Reported extends Pick<
  Child,
  | "lastActiveAt"
  | "servingMs"
  | "firstReplyMs"
  | "bytesIn"
  | "bytesOut"
  | "requests"
  | "lastCommand"
> {
  /** `lastActiveAt` on the monotonic clock. */
  lastActiveMonotonicMs: number;
  /** The service threw, and the child has reported it. */
  hasFailed: boolean;
  /** How many more of the child's lines and requests may be logged one by one. */
  readonly logBudget: { readonly lines: LogBudget; readonly requests: LogBudget };
}

/** The signals sent to the child, and why. */
export interface SentSignals {
  /** What operators have sent, in this order. */
  readonly fromOperator: Signal[];
  /** Why the master itself ends the child; null if it does not. */
  terminationCause: TerminationCause | null;
}

/** What the watchdog compares with at its next check. */
export interface WatchdogNotes {
  /** The channel was closed at the last check, although the child was alive. */
  wasDisconnected: boolean;
}

/** In ms; 0: none. */
export type Deadlines = Pick<Limits, "firstByteTimeoutMs" | "idleTimeoutMs" | "maxSessionMs">;

/** What a session begins with. */
export interface SessionStart {
  id: string;
  remoteAddress: string;
  remotePort: number;
  source: string;
  startedAt: number;
  startedMonotonicMs: number;
  process: ChildProcess;
  limits: Deadlines;
  serving: Serving;
}

export function newSession({ process, limits, serving, ...client }: SessionStart): Session {
  const isProgram = serving.kind === "exec";
  const { firstByteTimeoutMs, idleTimeoutMs, maxSessionMs } = limits;
  return {
    ...client,
    deadlines: { firstByteTimeoutMs, idleTimeoutMs, maxSessionMs },
    isProgram,
    ended: Promise.withResolvers(),
    state: INITIAL_STATE,
    child: newSessionChild(process),
    reported: {
      lastActiveAt: client.startedAt,
      lastActiveMonotonicMs: client.startedMonotonicMs,
      servingMs: null,
      firstReplyMs: null,
      bytesIn: isProgram ? null : 0,
      bytesOut: isProgram ? null : 0,
      requests: 0,
      lastCommand: null,
      hasFailed: false,
      logBudget: { lines: createLogBudget(), requests: createLogBudget() },
    },
    signals: { fromOperator: [], terminationCause: null },
    watchdog: { wasDisconnected: false },
  };
}

export function newSessionChild(process: ChildProcess): SessionChild {
  return { process, pid: process.pid, startTicks: startTicksOf(process.pid) };
}

/** Moves the session to the state that follows `event`, and returns that state. */
export function advance(session: Session, event: SessionEvent): SessionState {
  session.state = next(session.state, event);
  return session.state;
}

/** Returns the fields of a log entry that say which session it is about. */
export function identityOf(session: Session): SessionIdentity {
  const { id, remoteAddress, remotePort } = session;
  return { id, pid: session.child.pid, remoteAddress, remotePort };
}

/** Returns the session as the dashboard sees it. @throws if it has ended. */
export function childOf(session: Session): Child {
  const { id, state, source, remoteAddress, remotePort, startedAt, reported } = session;
  const { lastActiveAt, servingMs, firstReplyMs } = reported;
  const { bytesIn, bytesOut, requests, lastCommand } = reported;
  if (state.name === "ended") throw new Error(`session ${id} has ended but is in the table`);
  const client = { remoteAddress, remotePort, startedAt, lastActiveAt, source };
  const activity = { servingMs, firstReplyMs, bytesIn, bytesOut, requests, lastCommand };
  const { pid, process } = session.child;
  return { id, pid, uid: process.user.uid, state: state.name, ...client, ...activity };
}
