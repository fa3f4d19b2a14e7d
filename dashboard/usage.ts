/** What processes use, read from /proc: each about once a second, of many only some at a time. */
import { MS_PER_TICK, readUptime, readUsage, type Usage } from "../shared/proc.ts";

/** A process's share of a processor is taken over this time (ms), or over more where there are many. */
const PERIOD = 1000;

/** Processes that are read at one look, those read longest ago first: with fewer, all that are due. */
const AT_A_LOOK = 200;

export interface Reading {
  /** Milliseconds since the machine's start. */
  at: number;
  usage: Usage;
  /** Share of one processor, in percent, since the reading before or else since its start. */
  cpuPercent: number;
}

/** Gives the newest reading of each of these processes, by pid; none where nothing can be read. */
export type UsageReader = (pids: readonly number[]) => ReadonlyMap<number, Reading>;

export function usageReader(): UsageReader {
  let readings = new Map<number, Reading>();

  return (pids) => {
    const now = readUptime();
    if (now === null) return new Map();
    const age = (pid: number) => now - (readings.get(pid)?.at ?? 0);
    const due = pids.filter((pid) => age(pid) >= PERIOD * 0.9);
    if (due.length > AT_A_LOOK) due.sort((a, b) => age(b) - age(a));
    const kept = new Map<number, Reading>(); // those of the ended are forgotten
    for (const pid of pids) {
      const reading = readings.get(pid);
      if (reading !== undefined) kept.set(pid, reading);
    }
    for (const pid of due.slice(0, AT_A_LOOK)) {
      const reading = read(pid, readings.get(pid), now);
      if (reading !== null) kept.set(pid, reading);
    }
    readings = kept;
    return readings;
  };
}

function read(pid: number, last: Reading | undefined, at: number): Reading | null {
  const usage = readUsage(pid);
  // A zombie has nothing any more; it is shown as it was until the master has reaped it.
  if (usage === null || usage.state === "Z") return null;
  // By then the pid may be another process's.
  const before = last?.usage.startTicks === usage.startTicks ? last : undefined;
  const since = before?.at ?? usage.startTicks * MS_PER_TICK;
  const used = usage.cpuMs - (before?.usage.cpuMs ?? 0);
  return { at, usage, cpuPercent: (100 * used) / Math.max(at - since, MS_PER_TICK) };
}
