/** One client's visit: what it can use, and what it found. */
import type { Journal } from "./journal.ts";
import type { Random } from "./random.ts";
import { compare, type Script } from "./script.ts";
import type { Wire } from "./wire.ts";

export interface Circumstances {
  random: Random;
  journal: Journal;
  /** Connects to the server. The connection is closed at the end of the visit. */
  open(): Promise<Wire>;
}

/**
 * served: everything was correct. refused: told so, and closed cleanly. lost: the
 * connection ended before the last reply, or was torn down. wrong: an incorrect reply.
 * late: the connection did not end.
 */
export type Verdict = "served" | "refused" | "lost" | "wrong" | "late";

export interface Finding {
  verdict: Verdict;
  /** Correct replies read. */
  replies: number;
  /** Details of a failure. */
  what: string;
  /** The session whose child it killed, and whether the child had its client by then. */
  killed?: { id: string; serving: boolean };
  stopped?: true;
}

export type Visit = (circumstances: Circumstances) => Promise<Finding>;

/** The result of a client that expects nothing. */
export const UNHARMED: Finding = { verdict: "served", replies: 0, what: "" };

/** What refused clients receive. */
const REFUSALS = ["too many clients\r\n", "too many clients from this source\r\n"];

/** Waits for the end of a client that has sent all of `script`, and judges what it received. */
export async function judgeWhole(wire: Wire, script: Script): Promise<Finding> {
  const end = await wire.ended();
  const finding = judgeBeginning(wire, script);
  const { length } = wire.received;
  const { verdict } = finding;
  if (verdict === "wrong" || verdict === "late") return finding;
  const isWhole =
    verdict === "refused" ? REFUSALS.includes(wire.received) : length === script.length;
  if (isWhole && end === "clean") return finding;
  return { ...finding, verdict: "lost", what: `${length} of ${script.length} bytes, end: ${end}` };
}

/** Judges what was received so far, which may be incomplete. */
export function judgeBeginning({ received, end, since }: Wire, script: Script): Finding {
  const { times, wrong } = compare(received, script.replies, since);
  const quit = script.quits && received.length === script.length ? 1 : 0;
  const finding = { replies: times + quit, what: "" };
  if (end === "late")
    return { ...finding, verdict: "late", what: `${received.length} bytes received` };
  if (wrong === null) return { ...finding, verdict: "served" };
  const isRefused = REFUSALS.some((line) => line.startsWith(received));
  return isRefused
    ? { ...finding, verdict: "refused" }
    : { ...finding, verdict: "wrong", what: wrong };
}
