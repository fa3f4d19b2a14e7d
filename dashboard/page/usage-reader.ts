/**
 * What processes use, read from /proc: about once a second each, and only some at
 * a time if there are many.
 */
import { MS_PER_TICK, readUptime, readUsage, type Usage } from "../../shared/proc.ts";

/** A process's CPU percentage is taken over this time, or longer if there are many processes. */
const READ_INTERVAL_MS = 1000;

/** Timers and samples are not exact: a reading almost a second old is renewed. */
const MIN_READING_AGE_MS = READ_INTERVAL_MS * 0.9;

/** Processes read for one sample, least recently read first. */
const MAX_READS_PER_SAMPLE = 200;

export interface UsageReading {
  /** Milliseconds since the machine booted. */
  at: number;
  usage: Usage;
  /**
   * Percent of one core since the previous reading, or since the process
   * started if this is the first.
   */
  cpuPercent: number;
}

/** The newest reading of each process, by PID. */
export type UsageReadings = ReadonlyMap<number, UsageReading>;

/**
 * Returns the newest readings of these processes; none if nothing can be read. The next
 * call changes the same map.
 */
export type UsageReader = (pids: ReadonlySet<number>) => UsageReadings;

const NO_READINGS: UsageReadings = new Map();

export function createUsageReader(): UsageReader {
  /** Least recently read first. */
  const readings = new Map<number, UsageReading>();

  function renew(pid: number, now: number): void {
    const before = readings.get(pid);
    const reading = read(pid, before, now) ?? before;
    readings.delete(pid); // so that it is added at the end
    if (reading !== undefined) readings.set(pid, reading);
  }

  return (pids) => {
    const now = readUptime();
    if (now === null) return NO_READINGS;
    for (const pid of readings.keys()) if (!pids.has(pid)) readings.delete(pid);
    const unread = pids.size === readings.size ? [] : [...pids].filter((pid) => !readings.has(pid));
    const due = [...unread, ...dueAt(now, readings)].slice(0, MAX_READS_PER_SAMPLE);
    for (const pid of due) renew(pid, now);
    return readings;
  };
}

/** The processes at the front whose readings are old enough to be renewed. */
function* dueAt(now: number, readings: UsageReadings): Generator<number> {
  let count = 0;
  for (const [pid, { at }] of readings) {
    if (now - at < MIN_READING_AGE_MS || count === MAX_READS_PER_SAMPLE) return;
    count += 1;
    yield pid;
  }
}

/** Returns null if the process has gone, or is a zombie, which uses nothing until it is reaped. */
function read(pid: number, last: UsageReading | undefined, at: number): UsageReading | null {
  const usage = readUsage(pid);
  if (usage === null || usage.state === "Z") return null;
  // A different start time means that the PID now belongs to another process.
  const before = last?.usage.startTicks === usage.startTicks ? last : undefined;
  const since = before?.at ?? usage.startTicks * MS_PER_TICK;
  const usedMs = usage.cpuMs - (before?.usage.cpuMs ?? 0);
  return { at, usage, cpuPercent: (100 * usedMs) / Math.max(at - since, MS_PER_TICK) };
}
