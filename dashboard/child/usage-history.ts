/**
 * What a child uses over time, for its charts: read once a second while someone is viewing the
 * child's page, and never otherwise. The points remain for a while, even after the child has ended.
 */
import { readDescendants } from "../../shared/descendants.ts";
import { createLruMap } from "../../shared/lru-map.ts";
import type { Master } from "../../shared/master.ts";

import { createUsageReader, type UsageReader } from "../page/usage-reader.ts";

/**
 * The usage of the child and all processes below it; null in a gap, or
 * where it cannot be known yet.
 */
export interface UsagePoint {
  /** Milliseconds since the epoch. */
  at: number;
  /** Percent of one core. */
  cpuPercent: number | null;
  /** Memory that is not shared with other processes. */
  privateBytes: number | null;
}

const POINT_INTERVAL_MS = 1000;

/** Points of one child: five minutes. */
const MAX_POINTS = 300;

export const HISTORY_SPAN_MS = MAX_POINTS * POINT_INTERVAL_MS;

/** Children whose points are stored. */
const MAX_CHILDREN = 100;

/**
 * A child is no longer viewed after this long without a request: its page sends one every second.
 */
const VIEWER_TIMEOUT_MS = 5000;

/**
 * After this long without a point there is a gap: the CPU time used since says
 * nothing about one second.
 */
const GAP_MS = 3 * POINT_INTERVAL_MS;

/**
 * Processes of one child that are read, including itself: its client decides how many there are.
 */
const MAX_PROCESSES = 50;

interface Watched {
  points: UsagePoint[];
  readUsage: UsageReader;
  /** Milliseconds since the epoch. */
  viewedAt: number;
}

export interface UsageHistory {
  /**
   * Returns the points so far, oldest first, and keeps adding to them for a few
   * seconds if the child is live.
   */
  watch(id: string): readonly UsagePoint[];
}

export function createUsageHistory(master: Master): UsageHistory {
  const watched = createLruMap<string, Watched>(MAX_CHILDREN);
  let timer: Timer | null = null;

  function tick(): void {
    const now = Date.now();
    let viewed = 0;
    for (const [id, child] of watched.entries()) {
      const found = now - child.viewedAt > VIEWER_TIMEOUT_MS ? null : master.find(id);
      if (found === null || typeof found === "string") continue;
      viewed += 1;
      addPoint(child, found.pid, now);
    }
    if (viewed > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  }

  return {
    watch(id) {
      const found = master.find(id);
      if (typeof found === "string") return watched.get(id)?.points ?? [];
      const now = Date.now();
      const child = watched.get(id) ?? {
        points: [],
        readUsage: createUsageReader(),
        viewedAt: now,
      };
      child.viewedAt = now;
      watched.set(id, child);
      if (now - (child.points.at(-1)?.at ?? 0) >= GAP_MS) addPoint(child, found.pid, now);
      timer ??= setInterval(tick, POINT_INTERVAL_MS).unref();
      return child.points;
    },
  };
}

function addPoint({ points, readUsage }: Watched, pid: number, at: number): void {
  const readings = [...readUsage(new Set(withDescendants(pid))).values()];
  if (readings.length === 0) return;
  const last = points.at(-1);
  const isAfterGap = last === undefined || at - last.at > GAP_MS;
  if (isAfterGap && last !== undefined) {
    points.push({ at: last.at + 1, cpuPercent: null, privateBytes: null });
  }
  const total = (valueOf: (reading: (typeof readings)[number]) => number) =>
    readings.reduce((sum, reading) => sum + valueOf(reading), 0);
  points.push({
    at,
    cpuPercent: isAfterGap ? null : total(({ cpuPercent }) => cpuPercent),
    privateBytes: total(({ usage }) => usage.privateBytes),
  });
  points.splice(0, points.length - MAX_POINTS);
}

/** Returns the process and those below it, nearest first. */
function withDescendants(pid: number): number[] {
  return [pid, ...readDescendants(pid, MAX_PROCESSES - 1)];
}
