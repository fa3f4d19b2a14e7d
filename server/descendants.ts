/**
 * The processes below one, whatever groups and sessions they have made for themselves: a terminal's are not in the
 * group of the child that keeps it.
 */
import { readChildren, readStartTicks } from "../shared/proc.ts";

/** A process and what tells it from a later one of the same pid. */
export interface Known {
  pid: number;
  startTicks: number;
}

/** More than that are not looked for: one that starts processes without end would never be through. */
const MOST = 10_000;

/** All below `pid` at this moment; none on other systems than Linux. */
export function descendantsOf(pid: number): Known[] {
  if (process.platform !== "linux") return [];
  const found = [...readChildren(pid)];
  // It grows while it is gone through, by what is below each.
  for (const one of found) if (found.length < MOST) found.push(...readChildren(one));
  return found.flatMap((one) => {
    const startTicks = readStartTicks(one);
    return startTicks === null ? [] : [{ pid: one, startTicks }];
  });
}

/** Kills those that are still there. */
export function killAll(processes: readonly Known[]): void {
  for (const { pid, startTicks } of processes) {
    if (readStartTicks(pid) !== startTicks) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "";
      // Gone meanwhile, or a setuid program has made it another's.
      if (code !== "ESRCH" && code !== "EPERM") throw error;
    }
  }
}
