/** What a contestant's processes cost, as the kernel counts it. */
import { readProcesses, readUsage } from "../../../shared/proc.ts";
import { type Memory, readMemory } from "../../harness/processes.ts";

/** The memory of each live child of a process, together with that of all below it. */
export function readChildren(pid: number): Memory[] {
  const below = Map.groupBy(readProcesses().filter(isLive), ({ ppid }) => ppid);
  const whole = (root: number): Memory => {
    const children = (below.get(root) ?? []).map((child) => whole(child.pid));
    return [readMemory(root), ...children].reduce((a, b) => ({
      private: a.private + b.private,
      proportional: a.proportional + b.proportional,
    }));
  };
  return (below.get(pid) ?? []).map((child) => whole(child.pid));
}

/** A zombie has no memory to read. */
function isLive({ pid }: { pid: number }): boolean {
  const usage = readUsage(pid);
  return usage !== null && usage.state !== "Z";
}

/** Processor time (ms) that a process has used so far. */
export function readCpu(pid: number): number {
  const usage = readUsage(pid);
  if (usage === null) throw new Error(`there is no process ${pid} any more`);
  return usage.cpuMs;
}
