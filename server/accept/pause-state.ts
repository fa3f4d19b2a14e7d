/**
 * Whether the master accepts clients. It pauses when descriptors run out, until there are some
 * again, and when an operator pauses it, until one resumes it. The two overlap:
 *
 *                          accepting ⇄ unpausable
 *                           ⇅     ⇅
 *                    exhausted   paused
 *                           ⇅     ⇅
 *                       paused, exhausted
 *
 * `next` has all the transitions. It is pure: pause.ts owns the listener and the timer.
 */
import type { MasterStatus } from "../../shared/master.ts";

/** `retryAt`: when to check for free descriptors again, in ms since the epoch. */
export type PauseState =
  | { name: "accepting" }
  /** `resumedBy`: the operator who resumed while there were no descriptors; null if none has. */
  | { name: "exhausted"; retryAt: number; resumedBy: string | null }
  /** There are no descriptors, but the listener could not be paused and still accepts. */
  | { name: "unpausable"; retryAt: number }
  | { name: "paused"; by: string }
  | { name: "paused, exhausted"; retryAt: number; by: string };

export type PauseEvent =
  /** A client was accepted, and there are no descriptors left for it. */
  | { type: "exhausted"; retryAt: number }
  /** A check for free descriptors has found some, or none. */
  | { type: "checked"; isAvailable: boolean; retryAt: number }
  /** The listener could not be paused or resumed. */
  | { type: "failed"; retryAt: number }
  | { type: "pause"; by: string }
  | { type: "resume"; by: string };

export const ACCEPTING: PauseState = { name: "accepting" };

/** Returns the state that follows; the same object if the event changes nothing. */
export function next(state: PauseState, event: PauseEvent): PauseState {
  switch (state.name) {
    case "accepting":
      if (event.type === "failed") return { name: "unpausable", retryAt: event.retryAt };
      if (event.type === "pause") return { name: "paused", by: event.by };
      if (!isExhausted(event)) return state;
      return { name: "exhausted", retryAt: event.retryAt, resumedBy: null };
    case "unpausable":
    case "exhausted":
      if (event.type === "failed") return { ...state, retryAt: event.retryAt };
      if (event.type === "checked") {
        return event.isAvailable ? ACCEPTING : { ...state, retryAt: event.retryAt };
      }
      if (event.type !== "pause") return state;
      return { name: "paused, exhausted", retryAt: state.retryAt, by: event.by };
    case "paused":
      if (event.type === "resume") return ACCEPTING;
      if (!isExhausted(event)) return state;
      return { name: "paused, exhausted", retryAt: event.retryAt, by: state.by };
    case "paused, exhausted":
      if (event.type === "checked") {
        if (event.isAvailable) return { name: "paused", by: state.by };
        return { ...state, retryAt: event.retryAt };
      }
      if (event.type !== "resume") return state;
      return { name: "exhausted", retryAt: state.retryAt, resumedBy: event.by };
  }
}

function isExhausted(
  event: PauseEvent,
): event is Extract<PauseEvent, { type: "exhausted" | "checked" }> {
  return event.type === "exhausted" || (event.type === "checked" && !event.isAvailable);
}

/** Returns true if the listener accepts clients in this state. */
export function isListening({ name }: PauseState): boolean {
  return name === "accepting" || name === "unpausable";
}

/** Returns the state as the page and the API show it. */
export function pauseStatus(state: PauseState): Pick<MasterStatus, "state" | "until" | "pausedBy"> {
  return {
    state: isListening(state) ? "accepting" : "paused",
    until: state.name === "exhausted" || state.name === "unpausable" ? state.retryAt : null,
    pausedBy: state.name === "paused" || state.name === "paused, exhausted" ? state.by : null,
  };
}
