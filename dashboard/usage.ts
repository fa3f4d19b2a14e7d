/** What processes use, read from /proc: each about once a second, of many only some at a time. */
import { readUsage, type Usage } from "../shared/proc.ts";

/** A process's share of a processor is taken over about this time (ms). */
const PERIOD = 1000;

/** Processes that are read at one look, those read longest ago first: with fewer, all that are due. */
const AT_A_LOOK = 200;

export interface Reading {
  at: number;
  usage: Usage;
  /** Share of one processor, in percent, since the reading before. */
  cpuPercent: number;
}

/** Someone whose use is asked for, by an id that is never another process's. */
interface Process {
  id: string;
  pid: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** Gives the newest reading of each by id; none where nothing can be read. */
export type UsageReader = (processes: readonly Process[]) => ReadonlyMap<string, Reading>;

export function usageReader(): UsageReader {
  let readings = new Map<string, Reading>();

  return (processes) => {
    const now = Date.now();
    const age = ({ id }: Process) => now - (readings.get(id)?.at ?? 0);
    const due = processes.filter((process) => age(process) >= PERIOD * 0.9);
    if (due.length > AT_A_LOOK) due.sort((a, b) => age(b) - age(a)).length = AT_A_LOOK;
    const kept = new Map<string, Reading>();
    for (const { id } of processes) {
      const reading = readings.get(id);
      if (reading !== undefined) kept.set(id, reading);
    }
    for (const process of due) {
      const reading = read(process, readings.get(process.id), now);
      if (reading !== null) kept.set(process.id, reading);
    }
    readings = kept; // those of the ended are forgotten
    return readings;
  };
}

function read({ pid, startedAt }: Process, before: Reading | undefined, at: number) {
  const usage = process.platform === "linux" ? readUsage(pid) : null;
  // A zombie has nothing any more; it is shown as it was until the master has reaped it.
  if (usage === null || usage.state === "Z") return null;
  const since = before === undefined ? startedAt : before.at;
  const used = usage.cpuMs - (before?.usage.cpuMs ?? 0);
  return { at, usage, cpuPercent: (100 * used) / Math.max(at - since, 1) };
}
