/**
 * The life of a client's connection, as a pure function. lifecycle.ts acts on the states.
 *
 *     starting → serving → finishing → lingering → closed
 *                       ↘ expiring ↗
 *
 *     starting   the master does not know yet that the child serves its client
 *     serving    the master knows
 *     finishing  the last reply is on its way, for as long as the client keeps taking some of it
 *     expiring   the same, but a deadline of the session has passed: the client has a fixed time
 *                to take it
 *     lingering  everything was sent, and so was the end of the connection; the client's end is
 *                awaited
 *     closed     the session is over
 *
 * A connection that breaks is closed from any state.
 */
import type { LeaveReason } from "../channel/messages.ts";

export type ConnectionState =
  | { name: "starting" | "serving" }
  | { name: "finishing" | "expiring" | "lingering" | "closed"; reason: LeaveReason };

export type ConnectionEvent =
  | { type: "announced" }
  /** The service has finished, or the client has. */
  | { type: "finish"; reason: LeaveReason }
  /** Nothing is left to send. */
  | { type: "drained" }
  | { type: "client ended" }
  | { type: "lost"; reason: "left" | "reset" }
  | { type: "deadline"; name: EndingDeadline };

/**
 * The states in which each deadline can pass. Entering any other state clears it.
 *
 *     announce     the client has sent nothing yet: the master is to learn that it is being served
 *     silence      the client has sent nothing more: its request is complete
 *     line ending  the client has quit and sent no line ending after that
 *     first byte   the client has sent nothing at all
 *     idle         the client has sent nothing for long
 *     session      the session has lasted too long
 *     last reply   the client takes none of its last reply, or is too slow
 *     linger       the client does not end the connection
 */
const DEADLINE_STATES = {
  announce: ["starting"],
  silence: ["serving"],
  "line ending": ["serving"],
  "first byte": ["serving", "finishing"],
  idle: ["serving", "finishing"],
  session: ["serving", "finishing"],
  "last reply": ["finishing", "expiring"],
  linger: ["lingering"],
} as const satisfies Record<string, readonly ConnectionState["name"][]>;

export type DeadlineName = keyof typeof DEADLINE_STATES;

/** The reasons of the deadlines that end a session that is being served. */
const REASONS = {
  "first byte": "no first byte",
  idle: "idle",
  session: "session too long",
} as const satisfies Partial<Record<DeadlineName, LeaveReason>>;

/** The deadlines that change the state by themselves. */
export type EndingDeadline = keyof typeof REASONS | "last reply" | "linger";

/** Returns the state after an event; the same object if nothing changes. */
export function next(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  switch (event.type) {
    case "announced":
      return state.name === "starting" ? { name: "serving" } : state;
    case "finish":
      return isOpen(state) ? { name: "finishing", reason: event.reason } : state;
    case "drained":
      if (state.name !== "finishing" && state.name !== "expiring") return state;
      return { name: "lingering", reason: state.reason };
    case "client ended":
      return state.name === "lingering" ? { name: "closed", reason: state.reason } : state;
    case "lost":
      if (state.name === "closed") return state;
      return { name: "closed", reason: isOpen(state) ? event.reason : state.reason };
    case "deadline":
      return afterDeadline(state, event.name);
  }
}

/** True until the session begins to end. */
export function isOpen(state: ConnectionState): state is { name: "starting" | "serving" } {
  return state.name === "starting" || state.name === "serving";
}

export function canPass(deadline: DeadlineName, state: ConnectionState): boolean {
  return DEADLINE_STATES[deadline].some((name) => name === state.name);
}

function afterDeadline(state: ConnectionState, deadline: EndingDeadline): ConnectionState {
  if (!canPass(deadline, state)) return state;
  if (deadline !== "last reply" && deadline !== "linger") {
    return { name: "expiring", reason: isOpen(state) ? REASONS[deadline] : state.reason };
  }
  return isOpen(state) ? state : { name: "closed", reason: state.reason };
}
