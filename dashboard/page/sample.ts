/**
 * What the page shows of this moment: the master's own account and, from /proc, what the children
 * cost. Taken when somebody looks, and shared by all who look at the same time.
 */
import type { Child, Master, MasterStatus, Room, Spare } from "../../shared/master.ts";
import type { Process } from "../../shared/proc.ts";
import { cpuTimeMs } from "./cpu-time.ts";
import { descendantsText, nearestDescendants } from "./descendants.ts";
import { createProcessList } from "./process-list.ts";
import { type UsageReading, type UsageReadings, createUsageReader } from "./usage-reader.ts";

/** What a process uses, as far as it can be read. */
interface ProcessUsage {
  /** Share of one processor, in percent, over the last seconds. */
  cpuPercent: number;
  /** Memory that is this process's alone; -1 where it cannot be read. */
  privateBytes: number;
  residentBytes: number;
  /** The kernel's letter: S sleeping, R running, T stopped; "?" where it cannot be read. */
  processState: string;
}

/** A live child with what its process uses. */
export interface Row extends Child, ProcessUsage {
  /** The processes below it, as a tree in text; null where no child has any, because it starts none. */
  below: string | null;
}

export type SpareRow = Spare & ProcessUsage;

export interface Sample {
  at: number;
  master: MasterStatus;
  rows: readonly Row[];
  spares: readonly SpareRow[];
  rooms: readonly Room[];
  /** Every process of the host, or why there is no list of them. */
  processes: readonly Process[] | Error;
  /** What each process below the master uses, as far as it was read by now. */
  usage: UsageReadings;
}

/** Processes below the master that are read: one child can start as many as it may. */
const MOST_BELOW = 20_000;

/** A sample this young (ms) serves the next stream too. */
const FRESH = 90;

/**
 * The samples of streams, and what is made of them, are to take this share of a processor: the same
 * thread accepts clients. With many children or many pages there are fewer samples.
 */
const SHARE = 0.04;

/** However much they cost, there is one in this time (ms): what is older is no news. */
const LONGEST = 5000;

export interface Sampler {
  /** A sample that has every change so far. */
  current(): Sample;
  /** One that may be a little old: however many streams there are, they cost no more. */
  recent(): Sample;
  /** Tells that something made of a sample took so long (ms of a processor): the next one waits for it. */
  addCost(ms: number): void;
  /** Milliseconds until there is one that is newer. */
  msUntilNext(): number;
  /** True if something has changed since the last sample. */
  readonly isStale: boolean;
}

export function createSampler(master: Master): Sampler {
  const listProcesses = createProcessList();
  const readUsage = createUsageReader();
  let last: Sample | undefined;
  let takenAt = 0;
  let behind = false;
  master.subscribe(() => void (behind = true));

  /** Milliseconds of work beyond our share, at `workedAt`; they are worked off by waiting. */
  let debt = 0;
  let workedAt = 0;

  function debtAt(now: number): number {
    return Math.max(0, debt - (now - workedAt) * SHARE);
  }

  function spent(ms: number): void {
    const now = performance.now();
    debt = debtAt(now) + ms;
    workedAt = now;
  }

  function take(exact: boolean): Sample {
    const begun = cpuTimeMs();
    takenAt = performance.now();
    behind = false;
    const { master: status, children, spares, rooms } = master.snapshot();
    const ours = new Set([...children, ...spares].map(({ pid }) => pid));
    const processes = listProcesses(ours, exact);
    const startNone = status.serves === "built-in" || processes instanceof Error;
    const started = startNone ? [] : nearestDescendants(processes, status.pid, MOST_BELOW);
    const usage = readUsage(ours.union(new Set(started.map(({ pid }) => pid))));
    last = {
      at: Date.now(),
      master: status,
      rows: children.map((child) => ({
        ...child,
        ...useOf(usage.get(child.pid)),
        below: startNone ? null : descendantsText(processes, child.pid),
      })),
      spares: spares.map((spare) => ({ ...spare, ...useOf(usage.get(spare.pid)) })),
      rooms,
      processes,
      usage,
    };
    spent(cpuTimeMs() - begun);
    return last;
  }

  function dueIn(): number {
    const now = performance.now();
    const wait = Math.max(FRESH - (now - takenAt), debtAt(now) / SHARE);
    return Math.max(0, Math.min(wait, LONGEST - (now - takenAt)));
  }

  return {
    current() {
      const isOld = behind || performance.now() - takenAt > FRESH;
      return last === undefined || isOld ? take(true) : last;
    },
    recent: () => (last === undefined || dueIn() === 0 ? take(false) : last),
    addCost: spent,
    msUntilNext: dueIn,
    get isStale() {
      return behind;
    },
  };
}

function useOf(reading: UsageReading | undefined): ProcessUsage {
  return {
    cpuPercent: reading?.cpuPercent ?? 0,
    privateBytes: reading?.usage.privateBytes ?? -1,
    residentBytes: reading?.usage.residentBytes ?? -1,
    processState: reading?.usage.state ?? "?",
  };
}
