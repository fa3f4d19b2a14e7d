/**
 * Decides what limits the memory of children: the kernel, where that is possible, or the master.
 */
import { formatBytes } from "../../shared/format.ts";
import { UsageError } from "../options/usage-error.ts";
import { memoryLimits, openCgroups, ownCgroup } from "./memory-cgroup.ts";
import type { MemoryLimit } from "./memory-limit.ts";
import { pollMemory } from "./memory-polling.ts";

export interface LimitedMemory {
  limit: MemoryLimit;
  /** Why the kernel does not enforce the limit; null if it does. */
  noCgroupReason: string | null;
}

/**
 * Limits each child to `maxBytes`. `warn` is called for a child that is killed for its memory.
 * @throws {UsageError} on a machine other than Linux
 */
export function limitMemory(
  maxBytes: number,
  startsProcesses: boolean,
  warn: (message: string) => void,
): LimitedMemory {
  if (process.platform !== "linux") throw new UsageError("--child-memory needs Linux.");
  const onKilled = (pid: number) =>
    warn(`PID ${pid} used more than --child-memory ${formatBytes(maxBytes)}: killed`);
  try {
    const limit = openCgroups(ownCgroup(), memoryLimits(maxBytes), onKilled, warn);
    return { limit, noCgroupReason: null };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const limit = pollMemory(maxBytes, startsProcesses, warn);
    return { limit, noCgroupReason: `no cgroup: ${error.message}` };
  }
}
