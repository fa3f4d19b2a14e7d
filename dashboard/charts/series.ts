/**
 * The history that the charts show, measured once a second and stored in fixed memory: the last 5
 * minutes by the second, and coarser the longer ago it was. The cost to the master does not depend
 * on the number of children.
 */
import type { Master } from "../../shared/master.ts";
import { createHistogram, type Histogram, logBounds } from "./histogram.ts";
import { createMeter } from "./meter.ts";
import { createRing, type Ring } from "./ring.ts";
import { AGGREGATES, columnOf, SERIES_NAMES } from "./series-names.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How many points are stored, and the time that each stands for. */
const RINGS = {
  "5m": { stepMs: SECOND_MS, points: 300 },
  "1h": { stepMs: 10 * SECOND_MS, points: 360 },
  "1d": { stepMs: 5 * MINUTE_MS, points: 288 },
  hours: { stepMs: HOUR_MS, points: 24 },
} as const;

type RingName = keyof typeof RINGS;

export const RANGES = ["5m", "1h", "1d"] as const;

export type Range = (typeof RANGES)[number];

/** A table has fewer points than the chart of the same range, since people read them one by one. */
const TABLE_RINGS = { "5m": "1h", "1h": "1d", "1d": "hours" } as const;

/** A timer may fire this much before the second is over. */
const TIMER_TOLERANCE_MS = 5;

/** 5 % apart, from a tenth of a millisecond to two minutes. */
const FIRST_REPLY_BOUNDS_MS = logBounds(0.1, 2 * MINUTE_MS, 1.05);

/**
 * The points of a range, as the page draws them. Times are in ms since the epoch;
 * null is an unknown value.
 */
export interface SeriesPoints {
  from: number;
  to: number;
  at: number[];
  series: Record<string, (number | null)[]>;
}

export interface Series {
  /**
   * Returns the points of a range that start at or after `after`; the newest
   * of them may be incomplete.
   */
  points(range: Range, after?: number): SeriesPoints;
  /** Returns the same range in fewer points, for a table. */
  table(range: Range): SeriesPoints;
  /** Returns the delay of the event loop in the last minute; null if it is not known. */
  eventLoopDelay(): { meanMs: number; maxMs: number } | null;
}

interface Recorder {
  ring: Ring;
  /** The first replies in the current point. */
  firstReplies: Histogram;
}

/** Measures from now on; its timer does not keep the process alive. */
export function startSeries(master: Master): Series {
  const recorders: Readonly<Record<RingName, Recorder>> = {
    "5m": createRecorder("5m"),
    "1h": createRecorder("1h"),
    "1d": createRecorder("1d"),
    hours: createRecorder("hours"),
  };
  const measure = createMeter(master);
  const values = new Float64Array(SERIES_NAMES.length);
  let firstRepliesMs: number[] = [];
  master.follow(({ event }) => {
    if (event.event === "first reply") firstRepliesMs.push(event.ms);
  });
  /** The start of the last second that was measured. */
  let measuredAt = 0;

  function tick(): void {
    atNextSecond(tick);
    if (!measure(values)) return; // the timer was early; the next one is due in a moment
    measuredAt = Math.floor((Date.now() + TIMER_TOLERANCE_MS) / SECOND_MS) * SECOND_MS - SECOND_MS;
    for (const recorder of Object.values(recorders)) {
      record(recorder, measuredAt, values, firstRepliesMs);
    }
    firstRepliesMs = [];
  }
  atNextSecond(tick);

  return {
    points: (range, after = 0) =>
      readPoints(recorders[range].ring, recorders[range].ring.spanMs, measuredAt, after),
    table: (range) =>
      readPoints(recorders[TABLE_RINGS[range]].ring, recorders[range].ring.spanMs, measuredAt, 0),
    eventLoopDelay: () => readEventLoopDelay(recorders["5m"].ring, measuredAt),
  };
}

function createRecorder(name: RingName): Recorder {
  const { stepMs, points } = RINGS[name];
  return {
    ring: createRing(stepMs, points, AGGREGATES),
    firstReplies: createHistogram(FIRST_REPLY_BOUNDS_MS),
  };
}

function atNextSecond(act: () => void): void {
  setTimeout(act, SECOND_MS - (Date.now() % SECOND_MS)).unref();
}

function record(
  { ring, firstReplies }: Recorder,
  at: number,
  values: Float64Array,
  firstRepliesMs: readonly number[],
): void {
  if (ring.isNew(at)) firstReplies.clear();
  for (const ms of firstRepliesMs) firstReplies.add(ms);
  values[columnOf("firstReplyP50")] = firstReplies.quantile(0.5);
  values[columnOf("firstReplyP99")] = firstReplies.quantile(0.99);
  ring.put(at, values);
}

/** Returns the ring's points of the last `spanMs` that start at or after `after`. */
function readPoints(ring: Ring, spanMs: number, measuredAt: number, after: number): SeriesPoints {
  const to = Date.now();
  const from = to - spanMs;
  const at: number[] = [];
  const columns: (number | null)[][] = SERIES_NAMES.map(() => []);
  ring.read(Math.max(from, after - 1), measuredAt, (time, row) => {
    at.push(time);
    for (const [index, column] of columns.entries()) column.push(rounded(row[index] as number));
  });
  return {
    from,
    to,
    at,
    series: Object.fromEntries(SERIES_NAMES.map((name, index) => [name, columns[index] ?? []])),
  };
}

function readEventLoopDelay(
  ring: Ring,
  measuredAt: number,
): { meanMs: number; maxMs: number } | null {
  const means: number[] = [];
  let maxMs = Number.NEGATIVE_INFINITY;
  ring.read(measuredAt - MINUTE_MS, measuredAt, (_, row) => {
    const max = row[columnOf("delayMax")] as number;
    if (Number.isNaN(max)) return;
    means.push(row[columnOf("delay")] as number);
    maxMs = Math.max(maxMs, max);
  });
  if (means.length === 0) return null;
  return { meanMs: means.reduce((sum, mean) => sum + mean, 0) / means.length, maxMs };
}

/** Five significant digits are more than anyone can see. */
function rounded(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(5));
}
