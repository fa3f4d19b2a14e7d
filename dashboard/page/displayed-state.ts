/** A child's state as the page shows it. */
import type { ChildState } from "../../shared/master.ts";

export type DisplayedState = ChildState | "stopped";

interface Subject {
  state: ChildState;
  /** The kernel's letter for the state of the child's process. */
  processState: string;
}

/**
 * Returns the state to show: a child stopped by a signal serves nobody, whatever it last reported.
 */
export function displayedState({ state, processState }: Subject): DisplayedState {
  return processState === "T" ? "stopped" : state;
}
