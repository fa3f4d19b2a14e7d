/**
 * The host's processes for the tree, at a cost that thousands of children hardly add to. The master's children
 * are known at each look; for all else /proc must be listed, which is done as often as it is cheap. And at a listing
 * only some of very many processes are read again, as they seldom change their names.
 */
import { asError } from "../../shared/as-error.ts";
import { listPids, type Process, readProcess } from "../../shared/proc.ts";

/** Children that are read again at a listing, and as many of the new and of all others: with fewer, all are. */
const READ_AGAIN = 200;

/** Listings are to take this share of a processor, but there is one in this time (ms) whatever it takes. */
const SHARE = 0.01;
const LONGEST = 3000;

/**
 * Gives the processes in the order of their pids, or why they cannot be had; `children` are live, and stand in it
 * as they are now. `exact`: so does all else, whatever it costs. While nothing has changed it gives the very same list.
 */
export type ProcessList = (
  children: ReadonlySet<number>,
  exact: boolean,
) => readonly Process[] | Error;

/** `now` gives milliseconds. */
export function createProcessList(root = "/proc", now = () => performance.now()): ProcessList {
  /** What was read of each process; the one read longest ago stands first. */
  const known = new Map<number, Process>();
  /** Read only once: what was just started may be about to become another program. */
  let young = new Set<number>();
  let last: readonly Process[] = [];
  let lastChildren: ReadonlySet<number> = new Set();
  let nextListing = Number.NEGATIVE_INFINITY;

  function read(pid: number): Process | null {
    const before = known.get(pid);
    const process = readProcess(pid, root);
    known.delete(pid); // it goes to the end
    if (process === null) return null;
    if (before === undefined) young.add(pid);
    const same = before !== undefined && isSame(before, process) ? before : process;
    known.set(pid, same);
    return same;
  }

  /** All there is in /proc. */
  function list(children: ReadonlySet<number>): Process[] {
    const begun = now();
    const of = (isChild: boolean) =>
      known
        .keys()
        .filter((pid) => children.has(pid) === isChild)
        .take(READ_AGAIN);
    const again = new Set([...[...young].slice(-READ_AGAIN), ...of(true), ...of(false)]);
    young = new Set();
    const pids = new Set(listPids(root));
    for (const pid of known.keys()) if (!pids.has(pid)) known.delete(pid);
    const processes = pids.values().flatMap((pid) => {
      const process = again.has(pid) ? read(pid) : (known.get(pid) ?? read(pid));
      return process === null ? [] : [process];
    });
    const found = [...processes];
    const end = now();
    nextListing = end + Math.min(LONGEST, (end - begun) / SHARE);
    return found;
  }

  /** What was listed last, with the children of now. */
  function follow(children: ReadonlySet<number>): Process[] {
    const gone = lastChildren.difference(children);
    for (const pid of gone) known.delete(pid);
    const stayed = last.filter(({ pid }) => !gone.has(pid));
    const come = [...children.difference(lastChildren)].flatMap((pid) => read(pid) ?? []);
    if (come.length === 0) return stayed;
    const all = new Map([...stayed, ...come].map((process) => [process.pid, process]));
    return [...all.values()].sort((a, b) => a.pid - b.pid);
  }

  return (children, exact) => {
    try {
      const processes = exact || now() >= nextListing ? list(children) : follow(children);
      const changed =
        processes.length !== last.length || processes.some((one, i) => one !== last[i]);
      if (changed) last = processes;
      lastChildren = children;
      return last;
    } catch (error) {
      return asError(error);
    }
  };
}

function isSame(a: Process, b: Process): boolean {
  return a.ppid === b.ppid && a.comm === b.comm && a.uid === b.uid;
}
