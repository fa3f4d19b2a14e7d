/**
 * The processes below one, whatever groups and sessions they have made for themselves: a terminal's are not in the
 * group of the child that keeps it.
 */
import { errorCode } from "../../shared/error-code.ts";
import { readChildren, readStartTicks } from "../../shared/proc.ts";
import { isDescriptorExhaustion } from "./descriptor-exhaustion.ts";

/** A process and what tells it from a later one of the same pid. */
export interface ProcessId {
  pid: number;
  startTicks: number;
}

/** More than that are not looked for: one that starts processes without end would never be through. */
const MOST = 10_000;

/**
 * The master looks for no more than that: it does nothing else meanwhile, and how many there are is the client's to
 * choose. So many take it some 30 ms. What is more of them outlives a child that is killed, unless it heeds its
 * terminal's end; a cgroup (`--child-memory`) ends all.
 */
export const MAX_DESCENDANTS_FOR_MASTER = 1000;

/** Those below `pid` at this moment, the nearest first and no more than `most`; none on other systems than Linux. */
export function descendantsOf(pid: number, most = MOST): ProcessId[] {
  return descendantPids(pid, most).flatMap((one) => {
    const startTicks = startTicksOf(one);
    // Of which it is not known which it is, it could not be known later either.
    return typeof startTicks === "number" ? [{ pid: one, startTicks }] : [];
  });
}

/** Their pids alone. */
export function descendantPids(pid: number, most = MOST): number[] {
  if (process.platform !== "linux") return [];
  const found: number[] = [];
  const add = (parent: number) => {
    const left = most - found.length;
    if (left > 0) found.push(...readChildren(parent).slice(0, left));
  };
  add(pid);
  // It grows while it is gone through, by what is below each.
  for (const one of found) add(one);
  return found;
}

/** When a process started, in ticks since boot; null if there is none by this pid. */
export function startTicksOf(pid: number): number | null | "unknown" {
  if (process.platform !== "linux") return "unknown";
  try {
    return readStartTicks(pid);
  } catch (error) {
    // Where no descriptor is left to look with, a kill is wanted most.
    if (isDescriptorExhaustion(error)) return "unknown";
    throw error;
  }
}

/** Kills those that are still there. */
export function killAll(processes: readonly ProcessId[]): void {
  for (const { pid, startTicks } of processes) {
    if (startTicksOf(pid) !== startTicks) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      const code = errorCode(error);
      // Gone meanwhile, or a setuid program has made it another's.
      if (code !== "ESRCH" && code !== "EPERM") throw error;
    }
  }
}
