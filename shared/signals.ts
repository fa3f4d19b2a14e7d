/** The signals that an operator can send to a child, in the order in which the page lists them. */
export const SIGNALS = ["TERM", "INT", "HUP", "KILL", "STOP", "CONT"] as const;

export type Signal = (typeof SIGNALS)[number];

/** How long a child has to end before KILL follows, if the operator wants that. */
export const KILL_GRACE_MS = 5000;

/** True for signals that are meant to end a process. */
export function isTerminating(signal: Signal): boolean {
  return signal !== "STOP" && signal !== "CONT";
}

export function isSignal(name: string): name is Signal {
  return (SIGNALS as readonly string[]).includes(name);
}
