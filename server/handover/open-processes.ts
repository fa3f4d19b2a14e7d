/**
 * Decides what starts the children: a thread that confines itself, where that is possible, or else
 * the main thread.
 */
import { asError } from "../../shared/as-error.ts";
import { partsOf } from "../confine/sandbox.ts";
import { type Processes, startProcess } from "./processes.ts";
import { spawnInThread } from "./spawning-thread.ts";

/**
 * `onFailed` is called if the thread fails: then its processes cannot be
 * signalled or reaped any more. `warn` is called for a process that another one has stopped before
 * it was started.
 */
export function openProcesses(
  onFailed: (error: Error) => void,
  warn: (message: string) => void,
): Processes {
  if (process.platform !== "linux") return unconfinedProcesses(`this is ${process.platform}`);
  try {
    return spawnInThread(onFailed, warn);
  } catch (error) {
    return unconfinedProcesses(asError(error).message);
  }
}

/** Starts processes without a sandbox. `reason`: why there is none. */
function unconfinedProcesses(reason: string): Processes {
  return {
    start: startProcess,
    confine: (plan) => partsOf(plan).map((what) => ({ what, reason })),
    close() {},
  };
}
