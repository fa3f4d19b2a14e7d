/**
 * The life of a session, from its client's arrival to the one reason it ends with:
 *
 *     starting → serving → leaving → ended
 *
 * `next` is pure and holds all of the transitions.
 */
import type { ChildState } from "../../shared/master.ts";
import type { LeaveReason } from "../channel/messages.ts";
import type { Signal } from "../../shared/signals.ts";
import type { EndReason } from "../../shared/outcome.ts";

export type SessionState =
  | { name: Exclude<ChildState, "leaving"> }
  | { name: "leaving"; reason: LeaveReason }
  | { name: "ended"; reason: EndReason };

export type SessionEvent =
  { type: "serving" } | { type: "leaving"; reason: LeaveReason } | ({ type: "exited" } & Exit);

/**
 * Why the master itself ends a child: it missed a deadline, it abused its channel, or it is a
 * program that has used up its session time.
 */
export type TerminationCause = "stuck" | "misbehaved" | "session too long";

export interface Exit {
  exitCode: number | null;
  /** The signal that ended the child, such as `SIGTERM`; null if it exited by itself. */
  signal: string | null;
  /** The signals that an operator has sent to this child. */
  operatorSignals: readonly Signal[];
  /** Why the master itself ended the child; null if it did not. */
  terminationCause: TerminationCause | null;
  /** The master is stopping and has asked its children to end. */
  isStopping: boolean;
  /** The child is a program: it has no channel, so only its exit status says how it ended. */
  isProgram: boolean;
}

export const INITIAL_STATE: SessionState = { name: "starting" };

/** Returns the state that follows `state` after `event`. `ended` is final. */
export function next(state: SessionState, event: SessionEvent): SessionState {
  if (state.name === "ended") return state;
  switch (event.type) {
    case "serving":
      return state.name === "starting" ? { name: "serving" } : state;
    case "leaving":
      return { name: "leaving", reason: event.reason };
    case "exited":
      return { name: "ended", reason: endReason(state, event) };
  }
}

const END_REASON_OF_LEAVE: Record<LeaveReason, EndReason> = {
  "ended by service": "ended by service",
  "service failed": "service failed",
  "program ended": "program ended",
  quit: "quit",
  left: "client left",
  reset: "client reset",
  idle: "idle",
  "no first byte": "no first byte",
  "session too long": "session too long",
};

/** The signals that a process brings upon itself. */
const CRASH_SIGNALS = [
  "SIGSEGV",
  "SIGABRT",
  "SIGBUS",
  "SIGILL",
  "SIGFPE",
  "SIGTRAP",
  "SIGSYS",
  "SIGXCPU",
];

function endReason(state: SessionState, exit: Exit): EndReason {
  if (exit.signal !== null) {
    if (exit.terminationCause !== null) return exit.terminationCause;
    if (exit.operatorSignals.some((signal) => `SIG${signal}` === exit.signal)) {
      return "killed by operator";
    }
    if (CRASH_SIGNALS.includes(exit.signal)) return "crashed";
    return exit.isStopping ? "server stopped" : "killed by signal";
  }
  if (exit.isProgram) return exit.exitCode === 0 ? "program ended" : "program failed";
  // A child that exits by itself announces it first and exits with 0; anything else is a crash.
  if (exit.exitCode === 0 && state.name === "leaving") return END_REASON_OF_LEAVE[state.reason];
  return "crashed";
}
