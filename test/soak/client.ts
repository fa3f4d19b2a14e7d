/** One client's visit: what it may use, and what is found out by it. */
import type { Journal } from "./journal.ts";
import type { Random } from "./random.ts";
import { compare, type Script } from "./script.ts";
import type { Wire } from "./wire.ts";

export interface Circumstances {
  random: Random;
  journal: Journal;
  /** Connects to the server; what is opened is closed at the visit's end. */
  open(): Promise<Wire>;
}

/**
 * served: all was as it must be. refused: told so, and let go cleanly. lost: the connection ended before
 * the last reply, or was torn down. wrong: another reply than it must be. late: it did not end.
 */
export type Verdict = "served" | "refused" | "lost" | "wrong" | "late";

export interface Finding {
  verdict: Verdict;
  /** Replies that were read and were right. */
  replies: number;
  /** What is to be said of it. */
  what: string;
  /** The session whose child it killed, and whether it had its client then. */
  killed?: { id: string; serving: boolean };
  stopped?: true;
}

export type Visit = (circumstances: Circumstances) => Promise<Finding>;

/** A client that asked for nothing. */
export const UNHARMED: Finding = { verdict: "served", replies: 0, what: "" };

/** What those hear for whom there is no room. */
const REFUSALS = ["too many clients\r\n", "too many clients from this source\r\n"];

/** Waits for the end of a client that has said all of `script`, and judges what it has got. */
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

/** Judges what has come so far, which may be less than all. */
export function judgeBeginning({ received, end, since }: Wire, script: Script): Finding {
  const { times, wrong } = compare(received, script.replies, since);
  const quit = script.quits && received.length === script.length ? 1 : 0;
  const finding = { replies: times + quit, what: "" };
  if (end === "late") return { ...finding, verdict: "late", what: `${received.length} bytes came` };
  if (wrong === null) return { ...finding, verdict: "served" };
  const isRefused = REFUSALS.some((line) => line.startsWith(received));
  return isRefused
    ? { ...finding, verdict: "refused" }
    : { ...finding, verdict: "wrong", what: wrong };
}
