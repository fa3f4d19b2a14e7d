/** The signals that an operator may send to a child, in the order in which the page offers them. */
export const SIGNALS = ["TERM", "INT", "HUP", "KILL", "STOP", "CONT"] as const;

export type Signal = (typeof SIGNALS)[number];

/** Where KILL is to follow a signal, it does so after this time (ms). */
export const KILL_GRACE_MS = 5000;

/** True of those that are meant to end a process. */
export function isTerminating(signal: Signal): boolean {
  return signal !== "STOP" && signal !== "CONT";
}

export function isSignal(name: string): name is Signal {
  return (SIGNALS as readonly string[]).includes(name);
}
