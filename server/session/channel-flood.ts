/**
 * Finds a child that sends one message without end. Bun collects what comes from a child until it is a whole
 * message, however long, and has no limit to set: such a child would fill the machine's memory with the master's. It
 * is found by three signs together: the master grows, the child completes no message, and the kernel works for the
 * child, which no way of sending can avoid.
 */
import { readUsage } from "../../shared/proc.ts";
import { trackGcPressure } from "./gc-pressure.ts";
import type { Session } from "./session.ts";

/** How often the master's growth is measured. */
export const FLOOD_POLL_INTERVAL_MS = 100;

/**
 * After a longer time between two polls the master itself was held up: it has not read what the children have sent
 * meanwhile, so their silence means nothing.
 */
const HELD_UP_AFTER_MS = 3 * FLOOD_POLL_INTERVAL_MS;

/** How far the master may grow above its baseline before children are suspected: no burst of clients takes more. */
const MAX_GROWTH_BYTES = 100e6;

/** How far the baseline may rise from one poll to the next: slow growth is no flood. */
const MAX_BASELINE_RISE_BYTES = 1e6;

/** How much the master must have grown while a child was silent, for that child to be the reason. */
const MIN_SUSPECT_GROWTH_BYTES = 16e6;

/** How much processor time the kernel must have used for that child meanwhile; for an idle one it uses none. */
const MIN_KERNEL_WORK_MS = 20;

/** A child that has completed no message for this long is silent; a busy honest one reports four times a second. */
const SILENT_AFTER_MS = 300;

/** What was measured when a child was first found silent. */
interface Suspect {
  /** The kernel's work for the child so far. */
  systemMs: number;
  /** All growth of the master so far. */
  grownBytes: number;
}

/**
 * Returns the function that looks for a flooding child, to be called every `FLOOD_POLL_INTERVAL_MS`. It calls
 * `onFound` with the child's session and what the child did.
 */
export function createFloodDetector(
  onFound: (session: Session, offence: string) => void,
): (sessions: Iterable<Session>) => void {
  const gcPressure = trackGcPressure();
  const measureGrowth = createGrowthMeter();
  let polledMs = performance.now();
  /** All growth when the suspects were last compared, which takes a while with thousands of them. */
  let comparedBytes = 0;
  let suspects: ReadonlyMap<Session, Suspect> = new Map();

  return (sessions) => {
    const nowMs = performance.now();
    const wasHeldUp = nowMs - polledMs > HELD_UP_AFTER_MS;
    polledMs = nowMs;
    // Not `process.memoryUsage`, which throws where no descriptor is left to read it with.
    const rssBytes = readUsage(process.pid)?.residentBytes;
    if (rssBytes === undefined) return;
    const mayBeGarbage = gcPressure.collect(rssBytes);
    const { grownBytes, isUnusual } = measureGrowth(rssBytes);
    if (!isUnusual || (mayBeGarbage && suspects.size === 0)) {
      suspects = new Map();
      return;
    }
    suspects = findSilent(sessions, nowMs, grownBytes, suspects);
    if (wasHeldUp || grownBytes - comparedBytes < MIN_SUSPECT_GROWTH_BYTES) return;
    comparedBytes = grownBytes;
    const culprit = findBusiest(suspects, grownBytes);
    if (culprit === null) return;
    suspects = new Map();
    void culprit.ended.promise.then(gcPressure.expectGarbage);
    onFound(culprit, "sent a message without end");
  };
}

/** Returns the function that takes the master's memory at each poll and returns how it grows. */
function createGrowthMeter() {
  let baselineBytes = Number.POSITIVE_INFINITY;
  let lastBytes = Number.POSITIVE_INFINITY;
  /** A sum, because memory also shrinks: Bun moves what it has received to a larger buffer now and then. */
  let grownBytes = 0;

  return (rssBytes: number): { grownBytes: number; isUnusual: boolean } => {
    grownBytes += Math.max(rssBytes - lastBytes, 0);
    lastBytes = rssBytes;
    baselineBytes = Math.min(baselineBytes + MAX_BASELINE_RISE_BYTES, rssBytes);
    return { grownBytes, isUnusual: rssBytes - baselineBytes >= MAX_GROWTH_BYTES };
  };
}

/** Returns the sessions whose children are silent now; those that were so `before` keep what was measured then. */
function findSilent(
  sessions: Iterable<Session>,
  nowMs: number,
  grownBytes: number,
  before: ReadonlyMap<Session, Suspect>,
): Map<Session, Suspect> {
  const silent = new Map<Session, Suspect>();
  for (const session of sessions) {
    if (session.isProgram) continue; // it has no channel
    if (nowMs - session.reported.lastMessageMonotonicMs < SILENT_AFTER_MS) continue;
    silent.set(session, before.get(session) ?? { systemMs: readSystemMs(session), grownBytes });
  }
  return silent;
}

/** Returns the suspect for which the kernel has worked longest since it became one; null if that is not much. */
function findBusiest(suspects: ReadonlyMap<Session, Suspect>, grownBytes: number): Session | null {
  let maxWorkMs = MIN_KERNEL_WORK_MS;
  let culprit: Session | null = null;
  for (const [session, since] of suspects) {
    if (grownBytes - since.grownBytes < MIN_SUSPECT_GROWTH_BYTES) continue;
    const workMs = readSystemMs(session) - since.systemMs;
    if (workMs < maxWorkMs) continue;
    maxWorkMs = workMs;
    culprit = session;
  }
  return culprit;
}

function readSystemMs({ child }: Session): number {
  return readUsage(child.pid)?.systemMs ?? 0;
}
