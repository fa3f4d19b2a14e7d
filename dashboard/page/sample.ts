/**
 * What the page shows at one moment: the master's own state and, from /proc, what the children use.
 * Samples are taken only while someone is viewing the page, and all viewers share them.
 */
import type { Child, Master, MasterStatus, Room, Spare } from "../../shared/master.ts";
import type { Process } from "../../shared/proc.ts";
import { createCpuBudget } from "./cpu-budget.ts";
import { cpuTimeMs } from "./cpu-time.ts";
import { descendantsText, nearestDescendants } from "./descendants.ts";
import { createProcessList, type ProcessList } from "./process-list.ts";
import {
  createUsageReader,
  type UsageReader,
  type UsageReading,
  type UsageReadings,
} from "./usage-reader.ts";

/** What a process uses, as far as it can be read. */
interface ProcessUsage {
  /** Percent of one core over the last seconds. */
  cpuPercent: number;
  /** Memory that the process shares with no other; -1 if it cannot be read. */
  privateBytes: number;
  /** -1 if it cannot be read. */
  residentBytes: number;
  /** The kernel's letter: S sleeping, R running, T stopped; "?" if it cannot be read. */
  processState: string;
}

/** A live child with what its process uses. */
export interface Row extends Child, ProcessUsage {
  /**
   * The processes below it as `pstree` draws them; null if this server's children cannot start any.
   */
  below: string | null;
}

export type SpareRow = Spare & ProcessUsage;

export interface Sample {
  /** Milliseconds since the epoch. */
  at: number;
  master: MasterStatus;
  rows: readonly Row[];
  spares: readonly SpareRow[];
  rooms: readonly Room[];
  /** Every process on the host, or why they could not be listed. */
  processes: readonly Process[] | Error;
  /** What each process below the master uses, as far as it has been read. */
  usage: UsageReadings;
}

/** Processes below the master whose usage is read: clients decide how many there are. */
const MAX_DESCENDANTS = 20_000;

/** A sample no older than this serves other streams too. */
const MAX_SAMPLE_AGE_MS = 90;

/**
 * The share of one core that samples, and what the streams make of them, may take: the same thread
 * accepts clients. With many children or many tabs, samples are taken less often.
 */
const CPU_SHARE = 0.04;

/** The longest time between two samples, whatever they cost: anything older is no longer news. */
const MAX_SAMPLE_INTERVAL_MS = 5000;

export interface Sampler {
  /** Returns a sample that includes every change so far. */
  current(): Sample;
  /** Returns a sample that may be slightly old: more streams do not mean more samples. */
  recent(): Sample;
  /** Records that rendering a sample took `cpuMs` of CPU time, which delays the next sample. */
  addCost(cpuMs: number): void;
  /** Returns how many milliseconds to wait until `recent` returns a newer sample. */
  msUntilNext(): number;
  /** True if something has changed since the last sample. */
  readonly isStale: boolean;
}

export function createSampler(master: Master): Sampler {
  const listProcesses = createProcessList();
  const readUsage = createUsageReader();
  const budget = createCpuBudget(CPU_SHARE);
  let last: { sample: Sample; takenAt: number } | null = null;
  let isStale = false;
  master.subscribe(() => void (isStale = true));

  function take(exact: boolean): Sample {
    const startCpuMs = cpuTimeMs();
    const takenAt = performance.now();
    isStale = false;
    const sample = takeSample(master, listProcesses, readUsage, exact);
    last = { sample, takenAt };
    budget.spend(cpuTimeMs() - startCpuMs);
    return sample;
  }

  function msUntilNext(): number {
    if (last === null) return 0;
    const ageMs = performance.now() - last.takenAt;
    const wait = Math.max(MAX_SAMPLE_AGE_MS - ageMs, budget.waitMs());
    return Math.max(0, Math.min(wait, MAX_SAMPLE_INTERVAL_MS - ageMs));
  }

  return {
    current() {
      const isFresh =
        last !== null && !isStale && performance.now() - last.takenAt <= MAX_SAMPLE_AGE_MS;
      return last === null || !isFresh ? take(true) : last.sample;
    },
    recent: () => (last === null || msUntilNext() === 0 ? take(false) : last.sample),
    addCost: budget.spend,
    msUntilNext,
    get isStale() {
      return isStale;
    },
  };
}

function takeSample(
  master: Master,
  listProcesses: ProcessList,
  readUsage: UsageReader,
  exact: boolean,
): Sample {
  const { master: status, children, spares, rooms } = master.snapshot();
  const childPids = new Set([...children, ...spares].map(({ pid }) => pid));
  const processes = listProcesses(childPids, exact);
  const canHaveDescendants = status.serves !== "built-in" && !(processes instanceof Error);
  const descendants = canHaveDescendants
    ? nearestDescendants(processes, status.pid, MAX_DESCENDANTS)
    : [];
  const usage = readUsage(childPids.union(new Set(descendants.map(({ pid }) => pid))));
  return {
    at: Date.now(),
    master: status,
    rows: children.map((child) => ({
      ...child,
      ...usageOf(usage.get(child.pid)),
      below: canHaveDescendants ? descendantsText(processes, child.pid) : null,
    })),
    spares: spares.map((spare) => ({ ...spare, ...usageOf(usage.get(spare.pid)) })),
    rooms,
    processes,
    usage,
  };
}

function usageOf(reading: UsageReading | undefined): ProcessUsage {
  return {
    cpuPercent: reading?.cpuPercent ?? 0,
    privateBytes: reading?.usage.privateBytes ?? -1,
    residentBytes: reading?.usage.residentBytes ?? -1,
    processState: reading?.usage.state ?? "?",
  };
}
