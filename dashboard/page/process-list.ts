/**
 * The host's processes for the tree, at a cost that thousands of children barely increase. The
 * master's children are known for every sample; for all other processes /proc has to be listed,
 * which happens only as often as is cheap. When there are very many processes, a listing rereads
 * only some of them, since processes seldom change their names.
 */
import { asError } from "../../shared/as-error.ts";
import { listPids, type Process, readProcess } from "../../shared/proc.ts";

/**
 * The most children that one listing rereads; the same limit applies to new
 * processes, and to all others.
 */
const MAX_REREAD = 200;

/** The share of time that listing /proc may take. */
const LISTING_SHARE = 0.01;

/** The longest time between two listings, whatever they cost. */
const MAX_LISTING_INTERVAL_MS = 3000;

/**
 * Returns the processes in the order of their PIDs, or the error that kept them from being listed.
 * The live `children` are always up to date; with `exact` all others are too, whatever it costs. As
 * long as nothing changes, the same array is returned.
 */
export type ProcessList = (
  children: ReadonlySet<number>,
  exact: boolean,
) => readonly Process[] | Error;

/** `now` returns milliseconds of a monotonic clock. */
export function createProcessList(root = "/proc", now = () => performance.now()): ProcessList {
  /** What was read of each process, least recently read first. */
  const known = new Map<number, Process>();
  /** Processes read only once: one that has just started may be about to exec another program. */
  let readOnce = new Set<number>();
  let last: readonly Process[] = [];
  let lastChildren: ReadonlySet<number> = new Set();
  let nextListingAt = Number.NEGATIVE_INFINITY;

  function read(pid: number): Process | null {
    const before = known.get(pid);
    const process = readProcess(pid, root);
    known.delete(pid); // so that it is added at the end
    if (process === null) return null;
    if (before === undefined) readOnce.add(pid);
    const current = before !== undefined && isSame(before, process) ? before : process;
    known.set(pid, current);
    return current;
  }

  /** Lists all processes in /proc. */
  function list(children: ReadonlySet<number>): Process[] {
    const startedAt = now();
    const leastRecentlyRead = (isChild: boolean) =>
      known
        .keys()
        .filter((pid) => children.has(pid) === isChild)
        .take(MAX_REREAD);
    const reread = new Set([
      ...[...readOnce].slice(-MAX_REREAD),
      ...leastRecentlyRead(true),
      ...leastRecentlyRead(false),
    ]);
    readOnce = new Set();
    const pids = new Set(listPids(root));
    for (const pid of known.keys()) if (!pids.has(pid)) known.delete(pid);
    const processes = [...pids].flatMap((pid) => {
      const process = reread.has(pid) ? read(pid) : (known.get(pid) ?? read(pid));
      return process === null ? [] : [process];
    });
    const endedAt = now();
    const interval = Math.min(MAX_LISTING_INTERVAL_MS, (endedAt - startedAt) / LISTING_SHARE);
    nextListingAt = endedAt + interval;
    return processes;
  }

  /** Brings the last listing up to date with the current children only. */
  function update(children: ReadonlySet<number>): Process[] {
    const ended = lastChildren.difference(children);
    for (const pid of ended) known.delete(pid);
    const remaining = last.filter(({ pid }) => !ended.has(pid));
    const started = [...children.difference(lastChildren)].flatMap((pid) => read(pid) ?? []);
    if (started.length === 0) return remaining;
    const all = new Map([...remaining, ...started].map((process) => [process.pid, process]));
    return [...all.values()].sort((a, b) => a.pid - b.pid);
  }

  return (children, exact) => {
    try {
      const processes = exact || now() >= nextListingAt ? list(children) : update(children);
      const isChanged =
        processes.length !== last.length || processes.some((process, i) => process !== last[i]);
      if (isChanged) last = processes;
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
