/**
 * What happens, measured once a second for the charts, and kept in fixed memory: 5 minutes by the
 * second, and coarser the longer ago. It costs the master the same however many children there are.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Master } from "../../shared/master.ts";
import { readUsage } from "../../shared/proc.ts";
import { createHistogram, logBounds } from "./histogram.ts";
import { REFUSE_REASONS } from "../../shared/outcome.ts";
import { createRing, type Aggregate, type Ring } from "./ring.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What can be looked at, and how many points (one a `step`, in ms) that is. */
const RINGS = {
  "5m": { step: 1000, points: 300 },
  "1h": { step: 10_000, points: 360 },
  "1d": { step: 5 * MINUTE, points: 288 },
  hours: { step: HOUR, points: 24 },
} as const;

export const RANGES = ["5m", "1h", "1d"] as const;

export type Range = (typeof RANGES)[number];

/** A table of the same time has fewer points, to be read one by one: those of the next coarser ring. */
const TABLES = { "5m": "1h", "1h": "1d", "1d": "hours" } as const;

/** The delay of the event loop is probed so often (ms); one that is shorter may not be noticed. */
const PROBE = 20;

/** Timers may fire so much (ms) too early. */
const EARLY = 5;

/** The figures, and how a point of more than a second is made of them. Memory in bytes, times in ms. */
const SERIES = {
  live: "mean",
  liveMax: "max",
  waiting: "max",
  /** Clients in a second. */
  accepted: "mean",
  ended: "mean",
  /** From its being accepted to the first byte of a client's reply: of all clients of that time. */
  firstReplyP50: "newest",
  firstReplyP99: "newest",
  /** The master's, in percent of one processor. */
  cpu: "mean",
  cpuMax: "max",
  resident: "max",
  private: "max",
  delay: "mean",
  delayMax: "max",
} as const satisfies Record<string, Aggregate>;

export type SeriesName = keyof typeof SERIES | `refused: ${string}`;

/** Refusals in a second, for each reason. */
export const REFUSAL_SERIES = REFUSE_REASONS.map((reason) => ({
  reason,
  series: `refused: ${reason}` as const,
}));

const NAMES: readonly SeriesName[] = [
  ...(Object.keys(SERIES) as (keyof typeof SERIES)[]),
  ...REFUSAL_SERIES.map(({ series }) => series),
];

const KINDS: readonly Aggregate[] = [
  ...Object.values(SERIES),
  ...REFUSAL_SERIES.map(() => "mean" as const),
];

/** Points as the page draws them. Times in ms since the epoch; null: not known. */
export interface SeriesPoints {
  from: number;
  to: number;
  at: number[];
  series: Record<string, (number | null)[]>;
}

export interface Series {
  /** The points of that time which begin after or at `after`; the newest of them may be under way. */
  points(range: Range, after?: number): SeriesPoints;
  /** The same time in few points, for a table. */
  table(range: Range): SeriesPoints & { step: number };
  /** The delay of the event loop (ms) in the last minute; null if it is not known. */
  eventLoopDelay(): { mean: number; max: number } | null;
}

/** Measures from now on; its timer keeps no process alive. */
export function startSeries(master: Master): Series {
  const rings = Object.entries(RINGS).map(([name, { step, points }]) => ({
    name,
    ring: createRing(step, points, KINDS),
    // 5 % apart, from a tenth of a millisecond to two minutes.
    replies: createHistogram(logBounds(0.1, 120_000, 1.05)),
  }));
  const column = Object.fromEntries(NAMES.map((name, index) => [name, index]));
  const values = new Float64Array(NAMES.length);
  const set = (name: SeriesName, value: number) => void (values[column[name] as number] = value);
  const delays = monitorEventLoopDelay({ resolution: PROBE });
  delays.enable();

  let firstReplies: number[] = [];
  master.follow(({ event }) => {
    if (event.event === "first reply") firstReplies.push(event.ms);
  });

  let before = totals(master);
  /** The last second that was measured. */
  let measured = 0;
  schedule();

  function schedule(): void {
    setTimeout(tick, 1000 - (Date.now() % 1000)).unref();
  }

  function tick(): void {
    schedule();
    const now = totals(master);
    const seconds = (now.clock - before.clock) / 1000;
    if (seconds < 0.1) return; // the timer was early, and comes again
    gauge(now, seconds);
    // The second that is over now.
    measured = Math.floor((Date.now() + EARLY) / 1000) * 1000 - 1000;
    for (const { ring, replies } of rings) {
      if (ring.isNew(measured)) replies.clear();
      for (const ms of firstReplies) replies.add(ms);
      set("firstReplyP50", replies.quantile(0.5));
      set("firstReplyP99", replies.quantile(0.99));
      ring.put(measured, values);
    }
    firstReplies = [];
    before = now;
  }

  function gauge(now: Totals, seconds: number): void {
    const { status } = now;
    const rate = (count: number, countBefore: number) => (count - countBefore) / seconds;
    set("live", status.live);
    set("liveMax", status.live);
    set("waiting", status.waiting);
    set("accepted", rate(status.accepted, before.status.accepted));
    set("ended", rate(status.ended, before.status.ended));
    for (const { reason, series } of REFUSAL_SERIES) {
      set(series, rate(now.refused.get(reason) ?? 0, before.refused.get(reason) ?? 0));
    }
    const cpu = 100 * rate(now.cpuMs / 1000, before.cpuMs / 1000);
    set("cpu", cpu);
    set("cpuMax", cpu);
    const usage = readUsage(process.pid);
    set("resident", usage?.residentBytes ?? process.memoryUsage.rss());
    set("private", usage?.privateBytes ?? Number.NaN);
    const probed = delays.count > 0;
    set("delay", probed ? delays.mean / 1e6 : Number.NaN);
    set("delayMax", probed ? delays.max / 1e6 : Number.NaN);
    delays.reset();
  }

  function ringOf(name: string): Ring {
    const found = rings.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no points of ${name}`);
    return found.ring;
  }

  function read(ring: Ring, span: number, after: number): SeriesPoints {
    const to = Date.now();
    const from = to - span;
    const at: number[] = [];
    const columns: (number | null)[][] = NAMES.map(() => []);
    ring.read(Math.max(from, after - 1), measured, (time, row) => {
      at.push(time);
      for (const [index, values] of columns.entries()) values.push(rounded(row[index] as number));
    });
    return {
      from,
      to,
      at,
      series: Object.fromEntries(NAMES.map((name, index) => [name, columns[index] ?? []])),
    };
  }

  return {
    points: (range, after = 0) =>
      read(ringOf(range), RINGS[range].step * RINGS[range].points, after),
    table(range) {
      const ring = ringOf(TABLES[range]);
      return { step: ring.stepMs, ...read(ring, RINGS[range].step * RINGS[range].points, 0) };
    },
    eventLoopDelay() {
      const seconds: { mean: number; max: number }[] = [];
      ringOf("5m").read(measured - MINUTE, measured, (_, row) => {
        const max = row[column.delayMax as number] as number;
        if (!Number.isNaN(max)) seconds.push({ mean: row[column.delay as number] as number, max });
      });
      if (seconds.length === 0) return null;
      return {
        mean: seconds.reduce((sum, { mean }) => sum + mean, 0) / seconds.length,
        max: Math.max(...seconds.map(({ max }) => max)),
      };
    },
  };
}

interface Totals {
  /** Milliseconds, of a clock that nobody sets. */
  clock: number;
  status: ReturnType<Master["status"]>;
  refused: ReadonlyMap<string, number>;
  /** Processor time that the master has used. */
  cpuMs: number;
}

function totals(master: Master): Totals {
  const { user, system } = process.cpuUsage();
  const status = master.status();
  return {
    clock: performance.now(),
    status,
    refused: new Map(status.refusals.map(({ reason, count }) => [reason, count])),
    cpuMs: (user + system) / 1000,
  };
}

/** Five digits are more than can be seen. */
function rounded(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(5));
}
