/**
 * What a child uses over time, for its charts: read once a second while somebody looks at it, and at no other time.
 * What was read stays for a while, beyond the child's end too.
 */
import type { Master } from "../shared/master.ts";
import { readChildren } from "../shared/proc.ts";
import { type UsageReader, usageReader } from "./usage.ts";

/** Of the child and all processes below it. Null: nobody looked. */
export interface Point {
  /** Milliseconds since the epoch. */
  at: number;
  /** Share of one processor, in percent. */
  cpuPercent: number | null;
  /** Memory that is theirs alone. */
  privateBytes: number | null;
}

/** Time (ms) between two points. */
const PERIOD = 1000;

/** Points that are kept of each child: five minutes. */
const MOST_POINTS = 300;

/** Children whose points are kept: those looked at last. */
const MOST_KEPT = 100;

/** Who has not looked again for so long (ms) has gone: streams do each second, a reader with a table when they like. */
const LOOKS = 5000;

/** Processes below a child that are read: how many there are is its client's to choose. */
const MOST_READ = 50;

interface Watched {
  points: Point[];
  read: UsageReader;
  lookedAt: number;
}

export interface Series {
  /** The points so far, the oldest first, and says that somebody looks: more will follow. */
  look(id: string): readonly Point[];
}

export function createSeries(master: Master): Series {
  /** The one looked at longest ago stands first. */
  const watched = new Map<string, Watched>();
  let timer: Timer | null = null;

  function tick(): void {
    const now = Date.now();
    let lookers = 0;
    for (const [id, one] of watched) {
      if (now - one.lookedAt > LOOKS) continue;
      const child = master.find(id);
      if (typeof child === "string") continue;
      lookers += 1;
      take(one, child.pid, now);
    }
    if (lookers > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  }

  return {
    look(id) {
      const known = watched.get(id);
      const child = master.find(id);
      if (typeof child === "string") return known?.points ?? [];
      const now = Date.now();
      const one = known ?? { points: [], read: usageReader(), lookedAt: now };
      one.lookedAt = now;
      watched.delete(id);
      watched.set(id, one);
      const [oldest] = watched.keys();
      if (watched.size > MOST_KEPT && oldest !== undefined) watched.delete(oldest);
      if (isDue(one, now)) take(one, child.pid, now);
      timer ??= setInterval(tick, PERIOD).unref();
      return one.points;
    },
  };
}

function isDue({ points }: Watched, now: number): boolean {
  return now - (points.at(-1)?.at ?? 0) >= PERIOD * 0.9;
}

function take({ points, read }: Watched, pid: number, at: number): void {
  const last = points.at(-1);
  const isNew = last === undefined || at - last.at > 3 * PERIOD;
  const readings = read(withBelow(pid));
  if (readings.size === 0) return;
  let cpuPercent = 0;
  let privateBytes = 0;
  for (const { cpuPercent: cpu, usage } of readings.values()) {
    cpuPercent += cpu;
    privateBytes += usage.privateBytes;
  }
  // Where nobody looked there is a gap, and the share since then is none of this second.
  if (last !== undefined && isNew) {
    points.push({ at: last.at + PERIOD, cpuPercent: null, privateBytes: null });
  }
  points.push({ at, cpuPercent: isNew ? null : cpuPercent, privateBytes });
  points.splice(0, points.length - MOST_POINTS);
}

function withBelow(pid: number): number[] {
  const pids = [pid];
  // It grows while it is gone through, by what is below each.
  for (const one of pids) {
    const left = MOST_READ - pids.length;
    if (left > 0) pids.push(...readChildren(one).slice(0, left));
  }
  return pids;
}
