/** What processes use, read from /proc: each about once a second, of many only some at a time. */
import { MS_PER_TICK, readUptime, readUsage, type Usage } from "../../shared/proc.ts";

/** A process's share of a processor is taken over this time (ms), or over more where there are many. */
const PERIOD = 1000;

/** Processes that are read at one look, those read longest ago first: with fewer, all that are due. */
const AT_A_LOOK = 200;

export interface UsageReading {
  /** Milliseconds since the machine's start. */
  at: number;
  usage: Usage;
  /** Share of one processor, in percent, since the reading before or else since its start. */
  cpuPercent: number;
}

/** The newest reading of each process, by pid. */
export type UsageReadings = ReadonlyMap<number, UsageReading>;

/** Gives the newest readings of these processes; none where nothing can be read. They change with the next look. */
export type UsageReader = (pids: ReadonlySet<number>) => UsageReadings;

export function createUsageReader(): UsageReader {
  /** The one read longest ago stands first. */
  const readings = new Map<number, UsageReading>();

  function take(pid: number, now: number): void {
    const before = readings.get(pid);
    const reading = read(pid, before, now) ?? before;
    readings.delete(pid); // it goes to the end
    if (reading !== undefined) readings.set(pid, reading);
  }

  return (pids) => {
    const now = readUptime();
    if (now === null) return NOTHING;
    for (const pid of readings.keys()) if (!pids.has(pid)) readings.delete(pid);
    const unread = pids.size === readings.size ? [] : [...pids].filter((pid) => !readings.has(pid));
    const due = [...unread, ...dueIn(readings, now)].slice(0, AT_A_LOOK);
    for (const pid of due) take(pid, now);
    return readings;
  };
}

const NOTHING: UsageReadings = new Map();

/** Those at the front that are so old. */
function* dueIn(readings: UsageReadings, now: number): Generator<number> {
  let left = AT_A_LOOK;
  for (const [pid, { at }] of readings) {
    if (now - at < PERIOD * 0.9 || left === 0) return;
    left -= 1;
    yield pid;
  }
}

/** Null for one that has gone, and for a zombie, which has nothing any more until it is reaped. */
function read(pid: number, last: UsageReading | undefined, at: number): UsageReading | null {
  const usage = readUsage(pid);
  if (usage === null || usage.state === "Z") return null;
  // By then the pid may be another process's.
  const before = last?.usage.startTicks === usage.startTicks ? last : undefined;
  const since = before?.at ?? usage.startTicks * MS_PER_TICK;
  const used = usage.cpuMs - (before?.usage.cpuMs ?? 0);
  return { at, usage, cpuPercent: (100 * used) / Math.max(at - since, MS_PER_TICK) };
}
