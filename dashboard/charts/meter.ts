/** Measures what the master does from one call to the next. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Master } from "../../shared/master.ts";
import { readUsage } from "../../shared/proc.ts";
import { columnOf, REFUSAL_SERIES, type SeriesName } from "./series-names.ts";

/** How often the event loop's delay is probed; a shorter delay may go unnoticed. */
const PROBE_INTERVAL_MS = 20;

/** Rates over a shorter time than this would be meaningless. */
const MIN_PERIOD_S = 0.1;

/**
 * Puts the values since the previous call into their columns, except those of first replies.
 * Returns false, and changes nothing, if that was a moment ago.
 */
export type Meter = (values: Float64Array) => boolean;

interface Totals {
  /** Of a monotonic clock. */
  atMs: number;
  status: ReturnType<Master["status"]>;
  refused: ReadonlyMap<string, number>;
  /** CPU time that the master has used. */
  cpuMs: number;
}

export function createMeter(master: Master): Meter {
  const delays = monitorEventLoopDelay({ resolution: PROBE_INTERVAL_MS });
  delays.enable();
  let before = readTotals(master);

  return (values) => {
    const now = readTotals(master);
    const seconds = (now.atMs - before.atMs) / 1000;
    if (seconds < MIN_PERIOD_S) return false;
    const set = (name: SeriesName, value: number) => void (values[columnOf(name)] = value);
    setRates(set, before, now, seconds);
    setMemory(set);
    const isProbed = delays.count > 0;
    set("delay", isProbed ? delays.mean / 1e6 : Number.NaN);
    set("delayMax", isProbed ? delays.max / 1e6 : Number.NaN);
    delays.reset();
    before = now;
    return true;
  };
}

type SetValue = (name: SeriesName, value: number) => void;

function setRates(set: SetValue, before: Totals, now: Totals, seconds: number): void {
  const perSecond = (count: number, countBefore: number) => (count - countBefore) / seconds;
  set("live", now.status.live);
  set("liveMax", now.status.live);
  set("waiting", now.status.waiting);
  set("accepted", perSecond(now.status.accepted, before.status.accepted));
  set("ended", perSecond(now.status.ended, before.status.ended));
  for (const { reason, series } of REFUSAL_SERIES) {
    set(series, perSecond(now.refused.get(reason) ?? 0, before.refused.get(reason) ?? 0));
  }
  const cpuPercent = 100 * perSecond(now.cpuMs / 1000, before.cpuMs / 1000);
  set("cpu", cpuPercent);
  set("cpuMax", cpuPercent);
}

function setMemory(set: SetValue): void {
  const usage = readUsage(process.pid);
  set("resident", usage?.residentBytes ?? Number.NaN); // unknown while no descriptor is left to read it
  set("private", usage?.privateBytes ?? Number.NaN);
}

function readTotals(master: Master): Totals {
  const { user, system } = process.cpuUsage();
  const status = master.status();
  return {
    atMs: performance.now(),
    status,
    refused: new Map(status.refusals.map(({ reason, count }) => [reason, count])),
    cpuMs: (user + system) / 1000,
  };
}
