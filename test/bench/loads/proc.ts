/** What a contestant's processes use, as the kernel counts it. */
import { readProcesses, readUsage } from "../../../shared/proc.ts";
import { type Memory, readMemory } from "../../harness/processes.ts";

/** Returns the memory of each live child of a process, including everything below it. */
export function readChildren(pid: number): Memory[] {
  const childrenOf = Map.groupBy(readProcesses().filter(isLive), ({ ppid }) => ppid);
  const withDescendants = (root: number): Memory => {
    const children = (childrenOf.get(root) ?? []).map((child) => withDescendants(child.pid));
    return [readMemory(root), ...children].reduce((a, b) => ({
      private: a.private + b.private,
      proportional: a.proportional + b.proportional,
    }));
  };
  return (childrenOf.get(pid) ?? []).map((child) => withDescendants(child.pid));
}

/** A zombie has no memory to read. */
function isLive({ pid }: { pid: number }): boolean {
  const usage = readUsage(pid);
  return usage !== null && usage.state !== "Z";
}

/** Returns the CPU time a process has used so far. @throws if the process is gone. */
export function readCpuMs(pid: number): number {
  const usage = readUsage(pid);
  if (usage === null) throw new Error(`process ${pid} is gone`);
  return usage.cpuMs;
}
