/**
 * Bun collects what comes from a child until it is a whole message, however long that is, and has no limit
 * to set. A child that sends on and on without an end would fill the machine's memory with the master's: it is
 * found by that growth, by its silence, and by the kernel's work for it, which no way of sending can avoid.
 */
import { readUsage } from "../../shared/proc.ts";
import { trackGcPressure } from "./gc-pressure.ts";
import type { Session } from "./table.ts";

/** How often (ms) it is looked how much the master has grown. */
export const FLOOD_POLL_INTERVAL_MS = 100;

/** After a longer time (ms) the master was held up: what the children have said meanwhile is not heard yet. */
const LATE = 3 * FLOOD_POLL_INTERVAL_MS;

/** Bytes that the master may grow by beyond what follows: more than any burst of clients takes. */
const MOST_GROWTH = 100e6;

/** Bytes that it may grow by from one glance to the next for as long as it likes. */
const CREEP = 1e6;

/** Bytes that it must have grown by further while a child was silent, for that child to be the reason. */
const MORE_GROWTH = 16e6;

/** Time (ms) that the kernel must have worked for that child meanwhile; an idle one has none. */
const LEAST_WORK = 20;

/** A child that has said nothing for so long (ms) is silent; a busy one reports four times a second. */
const SILENT = 300;

/** What there was when a silent child was first looked at: the kernel's work for it (ms), and all growth (bytes). */
interface Suspect {
  systemMs: number;
  grown: number;
}

/** Gives the function that looks, to be called each `GLANCE`; it tells of the child that floods. */
export function createFloodDetector(
  found: (session: Session, how: string) => void,
): (sessions: Iterable<Session>) => void {
  const garbage = trackGcPressure();
  let glancedAt = performance.now();
  let usual = Number.POSITIVE_INFINITY;
  let last = Number.POSITIVE_INFINITY;
  /** All growth so far: the memory of the master falls, too, whenever Bun moves what it has to a larger place. */
  let grown = 0;
  /** What of it there was when the suspects were looked at last: with thousands that takes a while. */
  let examined = 0;
  let suspects: ReadonlyMap<Session, Suspect> = new Map();

  return (sessions) => {
    const now = performance.now();
    const isLate = now - glancedAt > LATE;
    glancedAt = now;
    // Not `process.memoryUsage`, which throws where there is no descriptor to read it with.
    const rss = readUsage(process.pid)?.residentBytes;
    if (rss === undefined) return;
    const mayBeGarbage = garbage.collect(rss);
    grown += Math.max(rss - last, 0);
    last = rss;
    usual = Math.min(usual + CREEP, rss);
    if (rss - usual < MOST_GROWTH || (mayBeGarbage && suspects.size === 0)) {
      suspects = new Map();
      return;
    }
    suspects = silentOnes(sessions, now, grown, suspects);
    if (isLate || grown - examined < MORE_GROWTH) return;
    examined = grown;
    const culprit = busiest(suspects, grown);
    if (culprit === null) return;
    suspects = new Map();
    void culprit.ended.promise.then(garbage.expect);
    found(culprit, "sends the master one message without an end");
  };
}

/** Those who are silent now; who was so before keeps what there was then. */
function silentOnes(
  sessions: Iterable<Session>,
  now: number,
  grown: number,
  before: ReadonlyMap<Session, Suspect>,
): Map<Session, Suspect> {
  const silent = new Map<Session, Suspect>();
  for (const session of sessions) {
    // A program has no way to the master.
    if (session.isProgram || now - session.heardAt < SILENT) continue;
    silent.set(session, before.get(session) ?? { systemMs: systemMsOf(session), grown });
  }
  return silent;
}

/** The one that the kernel has worked most for since; null if for none enough. */
function busiest(suspects: ReadonlyMap<Session, Suspect>, grown: number): Session | null {
  let most = LEAST_WORK;
  let culprit: Session | null = null;
  for (const [session, since] of suspects) {
    if (grown - since.grown < MORE_GROWTH) continue;
    const work = systemMsOf(session) - since.systemMs;
    if (work < most) continue;
    most = work;
    culprit = session;
  }
  return culprit;
}

function systemMsOf({ pid }: Session): number {
  return readUsage(pid)?.systemMs ?? 0;
}
