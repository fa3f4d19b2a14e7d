/** The signals that an operator may send to a child, in the order in which the page offers them. */
export const SIGNALS = ["TERM", "INT", "HUP", "KILL", "STOP", "CONT"] as const;

export type Signal = (typeof SIGNALS)[number];

export function isSignal(name: string): name is Signal {
  return (SIGNALS as readonly string[]).includes(name);
}
