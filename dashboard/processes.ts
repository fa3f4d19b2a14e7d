/**
 * The host's processes for the tree, at a cost that children hardly add to: a master's live child stays
 * its child and seldom changes its name, so of many only some are read again at each look. All other
 * processes are.
 */
import { listPids, type Process, readProcess } from "../shared/proc.ts";

/** Children that are read again at a look: with fewer than that, all are. */
const READ_AGAIN = 200;

/**
 * Gives the processes in the order of their pids, or why they cannot be had; `children` are live. While
 * nothing has changed it gives the very same list.
 */
export type ProcessList = (children: ReadonlySet<number>) => readonly Process[] | Error;

export function processList(root = "/proc"): ProcessList {
  /** What was read of each process; the one read longest ago stands first. */
  let read = new Map<number, Process>();
  let last: readonly Process[] = [];

  function list(children: ReadonlySet<number>): readonly Process[] {
    const before = read;
    const again = new Set(
      before
        .keys()
        .filter((pid) => children.has(pid))
        .take(READ_AGAIN),
    );
    const fresh = new Map<number, Process>();
    const processes = listPids(root).flatMap((pid) => {
      const known = before.get(pid);
      if (known !== undefined && children.has(pid) && !again.has(pid)) return known;
      const process = readProcess(pid, root);
      if (process === null) return [];
      const same = known !== undefined && isSame(known, process) ? known : process;
      fresh.set(pid, same);
      return same;
    });
    const listed = new Set(processes);
    const kept = before.entries().filter(([pid, one]) => !fresh.has(pid) && listed.has(one));
    read = new Map([...kept, ...fresh]);
    const changed = processes.length !== last.length || processes.some((one, i) => one !== last[i]);
    if (changed) last = processes;
    return last;
  }

  return (children) => {
    try {
      return list(children);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
}

function isSame(a: Process, b: Process): boolean {
  return a.ppid === b.ppid && a.comm === b.comm && a.uid === b.uid;
}
