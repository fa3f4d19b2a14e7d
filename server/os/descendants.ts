/**
 * The descendants of a process, whatever groups and sessions they have moved to: a program in a
 * terminal is not in the process group of the child that owns the terminal.
 */
import { readDescendants } from "../../shared/descendants.ts";
import { errorCode } from "../../shared/error-code.ts";
import { readStartTicks } from "../../shared/proc.ts";
import { isDescriptorExhaustion } from "./descriptor-exhaustion.ts";

/** A process, as distinct from a later one with the same PID. */
export interface ProcessId {
  pid: number;
  /** When it started, in clock ticks since boot. */
  startTicks: number;
}

/** A client may start any number of processes, and each takes time to find. */
const MAX_DESCENDANTS = 10_000;

/**
 * The limit used in the master, which is blocked for some 30 ms while it finds this many. How many
 * there are is up to the client.
 */
export const MAX_DESCENDANTS_FOR_MASTER = 1000;

/**
 * Returns up to `max` processes below `pid` at this moment, nearest first;
 * none where there is no /proc.
 */
export function descendantsOf(pid: number, max = MAX_DESCENDANTS): ProcessId[] {
  return descendantPids(pid, max).flatMap((descendant) => {
    const startTicks = startTicksOf(descendant);
    // A process that cannot be identified now could not be recognized later.
    return typeof startTicks === "number" ? [{ pid: descendant, startTicks }] : [];
  });
}

/** Like `descendantsOf`, but returns only PIDs. */
export function descendantPids(pid: number, max = MAX_DESCENDANTS): number[] {
  return process.platform === "linux" ? readDescendants(pid, max) : [];
}

/**
 * Returns when a process started, in clock ticks since boot; null if there is none with this PID;
 * "unknown" if that cannot be read.
 */
export function startTicksOf(pid: number): number | null | "unknown" {
  if (process.platform !== "linux") return "unknown";
  try {
    return readStartTicks(pid);
  } catch (error) {
    // A kill must still work when no descriptor is left to read with: that
    // is when it is needed most.
    if (isDescriptorExhaustion(error)) return "unknown";
    throw error;
  }
}

/** Kills those of the processes that still exist. */
export function killAll(processes: readonly ProcessId[]): void {
  for (const { pid, startTicks } of processes) {
    if (startTicksOf(pid) === startTicks) signalProcess(pid, "SIGKILL");
  }
}

/** Sends a signal, unless the process has just ended, or runs a setuid program as another user. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const code = errorCode(error);
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}
