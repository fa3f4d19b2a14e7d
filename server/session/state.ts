/**
 * The life of a session, from its client's arrival to the one reason with which it ends:
 *
 *     starting → serving → leaving → ended
 *
 * `next` is the whole of it: a pure function that says what each event makes of each state.
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
  { type: "adopted" } | { type: "leaving"; reason: LeaveReason } | ({ type: "exited" } & Exit);

/** For what the master ends a child: it missed a deadline, abused its way to the master, or is a program whose time is up. */
export type TerminationCause = "stuck" | "misbehaved" | "session too long";

export interface Exit {
  exitCode: number | null;
  /** The signal that ended the child, as `SIGTERM`; null if it exited by itself. */
  signal: string | null;
  /** What the operator has sent to this child. */
  sent: readonly Signal[];
  /** Why the master itself has ended the child; null if it has not. */
  condemned: TerminationCause | null;
  /** The master is stopping and has told its children to. */
  stopping: boolean;
  /** It is a program, which says nothing to the master and ends with any exit status. */
  isProgram: boolean;
}

export const INITIAL_STATE: SessionState = { name: "starting" };

/** Takes a state and what happened, gives the state that follows. Nothing follows the end. */
export function next(state: SessionState, event: SessionEvent): SessionState {
  if (state.name === "ended") return state;
  switch (event.type) {
    case "adopted":
      return state.name === "starting" ? { name: "serving" } : state;
    case "leaving":
      return { name: "leaving", reason: event.reason };
    case "exited":
      return { name: "ended", reason: endReason(state, event) };
  }
}

const LEFT: Record<LeaveReason, EndReason> = {
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

/** Signals that a process brings upon itself. */
const CRASHES = [
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
    if (exit.condemned !== null) return exit.condemned;
    if (exit.sent.some((signal) => `SIG${signal}` === exit.signal)) return "killed by operator";
    if (CRASHES.includes(exit.signal)) return "crashed";
    return exit.stopping ? "server stopped" : "killed by signal";
  }
  if (exit.isProgram) return exit.exitCode === 0 ? "program ended" : "program failed";
  // A child that goes by itself says so first and exits with 0; anything else is a crash.
  if (exit.exitCode === 0 && state.name === "leaving") return LEFT[state.reason];
  return "crashed";
}
