/**
 * What the page shows of this moment: the master's own account and, from /proc, what the children
 * cost. Taken when somebody looks, and shared by all who look at the same time.
 */
import type { Child, Master, MasterStatus } from "../shared/master.ts";
import { type Process, readProcesses, readUsage, type Usage } from "../shared/proc.ts";

/** A live child with what its process uses. */
export interface Row extends Child {
  /** Share of one processor, in percent, over about the last second. */
  cpuPercent: number;
  /** Memory that is this child's alone; -1 where it cannot be read. */
  privateBytes: number;
  residentBytes: number;
  /** The kernel's letter: S sleeping, R running, T stopped; "?" where it cannot be read. */
  processState: string;
}

export interface Sample {
  at: number;
  master: MasterStatus;
  rows: readonly Row[];
  /** Every process of the host, or why there is no list of them. */
  processes: readonly Process[] | Error;
}

/** A sample this young (ms) serves the next stream too. */
const FRESH = 90;

export interface Sampler {
  /** A sample that has every change so far. */
  now(): Sample;
  /** One that may be `FRESH` old: however many streams there are, they cost no more. */
  recent(): Sample;
  /** True if something has changed since the last sample. */
  readonly behind: boolean;
}

/** How often (ms) a process's use is read again; its share of a processor is taken over this time. */
const USAGE_PERIOD = 1000;

interface Reading {
  at: number;
  usage: Usage;
  cpuPercent: number;
}

export function createSampler(master: Master): Sampler {
  let readings = new Map<string, Reading>();
  let last: Sample | undefined;
  let behind = false;
  master.subscribe(() => void (behind = true));

  function take(): Sample {
    const at = Date.now();
    behind = false;
    const snapshot = master.snapshot();
    const kept = new Map<string, Reading>();
    const rows = snapshot.children.map((child) => {
      const reading = read(child, readings.get(child.id), at);
      if (reading !== null) kept.set(child.id, reading);
      return rowOf(child, reading);
    });
    readings = kept; // those of the ended are forgotten
    return { at, master: snapshot.master, rows, processes: listProcesses() };
  }

  function recent(): Sample {
    if (last === undefined || Date.now() - last.at > FRESH) last = take();
    return last;
  }

  return {
    now: () => (behind ? (last = take()) : recent()),
    recent,
    get behind() {
      return behind;
    },
  };
}

function read(child: Child, before: Reading | undefined, at: number): Reading | null {
  if (before !== undefined && at - before.at < USAGE_PERIOD * 0.9) return before;
  const usage = usageOf(child.pid);
  // A zombie has nothing any more; it is shown as it was until the master has reaped it.
  if (usage === null || usage.state === "Z") return before ?? null;
  const since = before === undefined ? child.startedAt : before.at;
  const used = usage.cpuMs - (before?.usage.cpuMs ?? 0);
  return { at, usage, cpuPercent: (100 * used) / Math.max(at - since, 1) };
}

function usageOf(pid: number): Usage | null {
  return process.platform === "linux" ? readUsage(pid) : null;
}

function rowOf(child: Child, reading: Reading | null): Row {
  return {
    ...child,
    cpuPercent: reading?.cpuPercent ?? 0,
    privateBytes: reading?.usage.privateBytes ?? -1,
    residentBytes: reading?.usage.residentBytes ?? -1,
    processState: reading?.usage.state ?? "?",
  };
}

function listProcesses(): readonly Process[] | Error {
  try {
    return readProcesses();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
