/**
 * What a child uses over time, for its charts: read once a second while somebody looks at it, and at no other time.
 * What was read stays for a while, beyond the child's end too.
 */
import { createLruMap } from "../../shared/lru-map.ts";
import type { Master } from "../../shared/master.ts";
import { readChildren } from "../../shared/proc.ts";
import { type UsageReader, createUsageReader } from "../page/usage-reader.ts";

/** Of the child and all processes below it; null where nobody looked, or it cannot be told yet. */
export interface UsagePoint {
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

/** The time (ms) that they span. */
export const HISTORY_SPAN_MS = MOST_POINTS * PERIOD;

/** Children whose points are kept: those looked at last. */
const MOST_KEPT = 100;

/** Who has not looked again for so long (ms) has gone: a page asks each second. */
const LOOKS = 5000;

/** After so long (ms) without a point there is a gap: what was used since is none of one second. */
const GAP = 3 * PERIOD;

/** Processes below a child that are read: how many there are is its client's to choose. */
const MOST_READ = 50;

interface Watched {
  points: UsagePoint[];
  read: UsageReader;
  lookedAt: number;
}

export interface UsageHistory {
  /** The points so far, the oldest first, and says that somebody looks: while it lives, more will follow. */
  watch(id: string): readonly UsagePoint[];
}

export function createUsageHistory(master: Master): UsageHistory {
  const watched = createLruMap<string, Watched>(MOST_KEPT);
  let timer: Timer | null = null;

  function tick(): void {
    const now = Date.now();
    let lookers = 0;
    for (const [id, one] of watched.entries()) {
      const child = now - one.lookedAt > LOOKS ? "gone" : master.find(id);
      if (typeof child === "string") continue;
      lookers += 1;
      take(one, child.pid, now);
    }
    if (lookers > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  }

  return {
    watch(id) {
      const child = master.find(id);
      if (typeof child === "string") return watched.get(id)?.points ?? [];
      const now = Date.now();
      const one = watched.get(id) ?? { points: [], read: createUsageReader(), lookedAt: now };
      one.lookedAt = now;
      watched.set(id, one);
      if (now - (one.points.at(-1)?.at ?? 0) >= GAP) take(one, child.pid, now);
      timer ??= setInterval(tick, PERIOD).unref();
      return one.points;
    },
  };
}

function take({ points, read }: Watched, pid: number, at: number): void {
  const readings = [...read(new Set(withBelow(pid))).values()];
  if (readings.length === 0) return;
  const last = points.at(-1);
  const begins = last === undefined || at - last.at > GAP;
  if (begins && last !== undefined) {
    points.push({ at: last.at + 1, cpuPercent: null, privateBytes: null });
  }
  const sum = (of: (reading: (typeof readings)[number]) => number) =>
    readings.reduce((total, reading) => total + of(reading), 0);
  points.push({
    at,
    cpuPercent: begins ? null : sum(({ cpuPercent }) => cpuPercent),
    privateBytes: sum(({ usage }) => usage.privateBytes),
  });
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
