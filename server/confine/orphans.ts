/**
 * Finds processes that children have started and left behind. The master is the subreaper of
 * everything that its children start (`ProcessCalls.becomeSubreaper`): a process whose parent has
 * ended becomes the master's own child, whatever session or group it has moved to. An unreaped
 * child keeps its PID, so a signal to it never reaches another process. A process that still has a
 * living parent is found once that parent has been killed.
 */
import { readChildren } from "../../shared/proc.ts";
import type { ProcessCalls, ReapedChild } from "../os/process-calls.ts";

/** A process that the master did not start, but is now the parent of. */
export interface Orphan {
  readonly pid: number;
  /** Its session (setsid(2)): that of the child that started it, unless it began its own. */
  readonly session: number;
}

export interface Orphans {
  /** The master has started a child in a session of its own. */
  add(pid: number): void;
  /** A child of the master has been reaped. */
  delete(pid: number): void;
  /** Returns true if a child with this PID lives. */
  has(pid: number): boolean;
  /**
   * Returns false if there certainly is none. Useful only where another thread starts the children:
   * those of this thread count, too.
   */
  mayExist(): boolean;
  /**
   * Returns the living orphans, and reaps those that have ended. None if no descriptor
   * is left to find them with.
   */
  find(): Orphan[];
}

/** How often orphans are looked for while all children live. */
export const SWEEP_INTERVAL_MS = 1000;

/** The pause between rounds: a killed process has to run once more to end. */
const ROUND_INTERVAL_MS = 2;

/** After this many rounds a warning is logged, and the pauses are longer. */
const MAX_QUICK_ROUNDS = 100;

const RETRY_INTERVAL_MS = 1000;

/** `onReaped` is called for each orphan that has ended, with its PID. */
export function createOrphans(
  calls: ProcessCalls,
  onReaped: (pid: number, orphan: ReapedChild) => void,
): Orphans {
  const children = new Set<number>();
  // Processes that the master starts for itself, such as getent(1), stay in its session, which no
  // orphan can join.
  const ownSession = calls.sessionOf(process.pid);

  return {
    add: (pid) => void children.add(pid),
    delete: (pid) => void children.delete(pid),
    has: (pid) => children.has(pid),
    mayExist: calls.hasChildren,
    find() {
      const living: Orphan[] = [];
      for (const pid of readChildren(process.pid)) {
        if (children.has(pid)) continue;
        const session = calls.sessionOf(pid);
        if (session === ownSession) continue;
        const reaped = calls.reap(pid);
        if (reaped === null) living.push({ pid, session });
        else onReaped(pid, reaped);
      }
      return living;
    },
  };
}

/**
 * Calls `killRound` until it returns true: nothing is left to kill. Calls `onLate` once if that
 * takes many rounds.
 */
export async function killUntilCleared(
  killRound: () => boolean,
  onLate: () => void,
): Promise<void> {
  for (let round = 1; !killRound(); round += 1) {
    if (round === MAX_QUICK_ROUNDS) onLate();
    await Bun.sleep(round < MAX_QUICK_ROUNDS ? ROUND_INTERVAL_MS : RETRY_INTERVAL_MS);
  }
}
