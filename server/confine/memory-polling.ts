/**
 * Kills any child that uses more memory than the limit, where there is no cgroup (memory-cgroup.ts)
 * in which the kernel would. Limits of a process (setrlimit) do not help: JavaScriptCore reserves
 * gigabytes of addresses that it never touches, which RLIMIT_AS and RLIMIT_DATA count.
 */
import { formatBytes } from "../../shared/format.ts";
import { readAllocatedBytes, readResidentBytes } from "../../shared/proc.ts";
import {
  descendantPids,
  descendantsOf,
  killAll,
  MAX_DESCENDANTS_FOR_MASTER,
} from "../os/descendants.ts";
import type { LimitedProcess, MemoryLimit } from "./memory-limit.ts";

/** Each child is checked once in `ROUNDS` rounds, so once a second. */
const ROUND_INTERVAL_MS = 250;
const ROUNDS = 4;

/**
 * Checking a process takes some 10 µs, and 50 µs where its descendants are looked for, too. Any
 * others wait for the next round, so a client with very many processes delays the checks of
 * others but not the master.
 */
const MAX_PROCESSES_PER_ROUND = 250;

/**
 * Polls the memory of each child, private and shared, and kills a child with more than `maxBytes`.
 * With `withDescendants` what the child has started counts too, and is killed with it; pages that
 * two processes share count twice. Memory that no process has mapped does not count:
 * `DENIED_WITH_POLLED_MEMORY` prevents it. `warn` is called before a child is killed.
 */
export function pollMemory(
  maxBytes: number,
  withDescendants: boolean,
  warn: (message: string) => void,
): MemoryLimit {
  /** In the order in which they are to be checked. */
  const children = new Set<LimitedProcess>();

  /** @returns false if the child is killed */
  function check(child: LimitedProcess, pids: readonly number[]): boolean {
    if (total(pids, readResidentBytes) <= maxBytes) return true;
    const used = total(pids, readAllocatedBytes);
    if (used <= maxBytes) return true;
    const users = pids.length > 1 ? "and its descendants use" : "uses";
    const limit = `--child-memory ${formatBytes(maxBytes)}`;
    warn(`PID ${child.pid} ${users} ${formatBytes(used)}, more than ${limit}: killed`);
    // Once the child has gone, its descendants cannot be found any more.
    const descendants = withDescendants ? descendantsOf(child.pid, MAX_DESCENDANTS_FOR_MASTER) : [];
    child.kill("KILL");
    killAll(descendants);
    return false;
  }

  function checkRound(): void {
    let left = MAX_PROCESSES_PER_ROUND;
    const count = Math.ceil(children.size / ROUNDS);
    for (const child of children.values().take(count).toArray()) {
      if (left <= 0) break;
      const descendants = withDescendants
        ? descendantPids(child.pid, MAX_DESCENDANTS_FOR_MASTER)
        : [];
      left -= 1 + descendants.length;
      children.delete(child);
      if (check(child, [child.pid, ...descendants])) children.add(child); // as the last one
    }
  }

  const timer = setInterval(checkRound, ROUND_INTERVAL_MS);
  timer.unref();

  return {
    newSlot() {
      let assigned: LimitedProcess | undefined;
      return {
        spawn: {},
        assign(child) {
          assigned = child;
          children.add(child);
        },
        release() {
          if (assigned !== undefined) children.delete(assigned);
        },
      };
    },
    async close() {
      clearInterval(timer);
    },
  };
}

/**
 * A process that has ended, or cannot be read while there are no descriptors, counts as 0 for now.
 */
function total(pids: readonly number[], read: (pid: number) => number | null): number {
  return pids.reduce((sum, pid) => sum + (read(pid) ?? 0), 0);
}
