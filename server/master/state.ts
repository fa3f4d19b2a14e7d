/**
 * The life of the master:
 *
 *     starting → open → draining → terminating → killing → stopped
 *
 * While it is open it accepts clients or is paused, which is a state machine of its own:
 * accept/pause-state.ts. From then on it accepts none. Draining: live clients may finish.
 * Terminating: their children were sent TERM. Killing: they were sent KILL. A step without
 * anything to wait for is skipped.
 *
 * `next` has all the transitions. It is pure: master.ts and shutdown.ts do
 * what the states stand for.
 */
import type { MasterStatus } from "../../shared/master.ts";
import type { Pause } from "../accept/pause.ts";

export type MasterState =
  | { name: "starting" }
  | { name: "open"; pause: Pause; stopWatchdog: () => void }
  /** `until`: in ms since the epoch. */
  | { name: "draining"; until: number }
  | { name: "terminating" }
  | { name: "killing" }
  | { name: "stopped" };

export type MasterEvent =
  | { type: "listening"; pause: Pause; stopWatchdog: () => void }
  /** The master was asked to stop. `drainUntil` is null if there is nothing to drain. */
  | { type: "stop"; drainUntil: number | null }
  /** The time of this step of the shutdown is over, or an operator has skipped it. */
  | { type: "step over" }
  /** The last child was reaped, or cannot be killed. */
  | { type: "all ended" };

/** @throws on an event that is impossible in this state. */
export function next(state: MasterState, event: MasterEvent): MasterState {
  const { name } = state;
  switch (event.type) {
    case "listening": {
      const { pause, stopWatchdog } = event;
      if (name === "starting") return { name: "open", pause, stopWatchdog };
      break;
    }
    case "stop": {
      if (name !== "open") break;
      const { drainUntil } = event;
      return drainUntil === null
        ? { name: "terminating" }
        : { name: "draining", until: drainUntil };
    }
    case "step over":
      if (name === "draining") return { name: "terminating" };
      if (name === "terminating") return { name: "killing" };
      break;
    case "all ended":
      if (name === "draining" || name === "terminating" || name === "killing") {
        return { name: "stopped" };
      }
      break;
  }
  throw new Error(`the master cannot handle "${event.type}" while it is ${name}`);
}

/** The master's state in one place, for the parts that change it and those that read it. */
export interface Lifecycle {
  state(): MasterState;
  /** @throws as `next`. */
  move(event: MasterEvent): void;
}

/** Calls `onChange` after each change. */
export function createLifecycle(onChange: () => void): Lifecycle {
  let state: MasterState = { name: "starting" };
  return {
    state: () => state,
    move(event) {
      state = next(state, event);
      onChange();
    },
  };
}

/** Returns true once the master was asked to stop. */
export function isStopping({ name }: MasterState): boolean {
  return name !== "starting" && name !== "open";
}

/**
 * Returns the state as sessions need to know it: whether their children may be
 * replaced, or were sent a signal.
 */
export function stageOf({ name }: MasterState): "running" | "draining" | "stopping" {
  if (name === "starting" || name === "open") return "running";
  return name === "draining" ? "draining" : "stopping";
}

/** Returns the state as the page and the API show it. */
export function stateStatus(
  state: MasterState,
): Pick<MasterStatus, "state" | "until" | "pausedBy"> {
  switch (state.name) {
    case "starting":
      return { state: "accepting", until: null, pausedBy: null };
    case "open":
      return state.pause.status();
    case "draining":
      return { state: "draining", until: state.until, pausedBy: null };
    default:
      return { state: "stopping", until: null, pausedBy: null };
  }
}
