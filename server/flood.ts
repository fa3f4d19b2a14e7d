/**
 * Bun collects what comes from a child until it is a whole message, however long that is, and has no limit
 * to set. A child that sends on and on without an end would fill the machine's memory with the master's:
 * it is found by that growth, and by its silence.
 */
import { readUsage } from "../shared/proc.ts";
import type { Session } from "./table.ts";

/** How often (ms) it is looked how much the master has grown. */
export const GLANCE = 100;

/** Bytes that the master may grow by beyond what follows: more than any burst of clients takes. */
const MOST_GROWTH = 100e6;

/** Bytes that it may grow by from one glance to the next for as long as it likes. */
const CREEP = 4e6;

/** A child that has said nothing for so long (ms) is silent; a busy one reports four times a second. */
const SILENT = 500;

/** Gives the function that looks, to be called each `GLANCE`; it tells of the child that floods. */
export function floodWatch(
  found: (session: Session, how: string) => void,
): (sessions: Iterable<Session>) => void {
  let usual = Number.POSITIVE_INFINITY;
  /** The silent ones when the growth was seen first, and the processor time (ms) that they had used. */
  let suspects: Map<Session, number> | null = null;

  return (sessions) => {
    // Not `process.memoryUsage`, which throws where there is no descriptor to read it with.
    const rss = readUsage(process.pid)?.residentBytes;
    if (rss === undefined) return;
    usual = Math.min(usual + CREEP, rss);
    if (rss - usual < MOST_GROWTH) suspects = null;
    else if (suspects === null) suspects = silentOnes(sessions);
    else {
      const culprit = busiest(suspects);
      suspects = null;
      if (culprit !== null) found(culprit, "sends the master one message without an end");
    }
  };
}

function silentOnes(sessions: Iterable<Session>): Map<Session, number> {
  const now = performance.now();
  const silent = Array.from(sessions).filter(({ heardAt }) => now - heardAt >= SILENT);
  return new Map(silent.map((session) => [session, cpuOf(session)]));
}

/** The one that has used most of a processor since; null if none has. */
function busiest(suspects: ReadonlyMap<Session, number>): Session | null {
  const used = Array.from(suspects, ([session, before]) => ({
    session,
    cpuMs: cpuOf(session) - before,
  }));
  const [first] = used.toSorted((a, b) => b.cpuMs - a.cpuMs);
  return first !== undefined && first.cpuMs > 0 ? first.session : null;
}

function cpuOf({ pid }: Session): number {
  return readUsage(pid)?.cpuMs ?? 0;
}
