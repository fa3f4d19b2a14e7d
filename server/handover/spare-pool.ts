/**
 * The pool of spares: children started ahead of their clients, so that a client does not wait
 * for a process to start. Each takes one client, and from then on is a child like any other.
 * spare.ts has the life of one.
 */
import { escapeText } from "../../shared/escape.ts";
import type { LogEvent } from "../../shared/log.ts";
import type { Spare as SpareRow } from "../../shared/master.ts";
import { type PooledSpare, type Spare, startSpare } from "./spare.ts";
import type { Spawner } from "./spawn.ts";

export interface SparePool {
  /**
   * Takes the spare that became ready last, the warmest, out of the pool.
   * @returns null if none is ready
   */
  take(): Spare | null;
  /** Starts the first spares; before, there are none. */
  start(): void;
  /** A client was accepted: missing spares are started once it has been handed over. */
  onAccepted(): void;
  list(): readonly SpareRow[];
  /** Returns how many spares there are in each state. */
  count(): Record<SpareRow["state"], number>;
  /** Kills all spares. Resolves when they have been reaped. */
  stop(): Promise<void>;
}

/**
 * No spare is started for this long after a client was accepted or another spare became ready,
 * because it uses a processor for about 20 ms.
 */
const START_DELAY_MS = 10;

/** A spare that has been missing for this long is started even though clients keep coming. */
const MAX_START_DELAY_MS = 250;

/** How long no spare is started after one, two … in a row have ended by themselves. */
const BACKOFF_MS = [100, 1000, 5000, 30_000];

/** Keeps `size` spares, once started. Logs each one that is lost. */
export function createSparePool(
  size: number,
  spawner: Spawner,
  log: (event: LogEvent) => void,
): SparePool {
  const pool = new Set<PooledSpare>();
  const timer = createStartTimer();
  let failures = 0;
  let stopped: PromiseWithResolvers<void> | undefined;

  function schedule(): void {
    if (stopped === undefined && pool.size < size) timer.schedule(startOne);
    else timer.cancel();
  }

  /** One at a time: when it is ready or has failed, the next one is scheduled. */
  function startOne(): void {
    if (pool.values().some(({ state }) => state === "starting")) return;
    try {
      pool.add(startSpare(spawner, { ready: onReady, ended: onEnded }));
    } catch (error) {
      onLost(`no spare could be started: ${String(error)}`);
    }
  }

  function onReady(): void {
    failures = 0;
    schedule();
  }

  function onEnded(
    spare: PooledSpare,
    exitCode: number | null,
    signal: string | null,
    error: string | null,
  ): void {
    pool.delete(spare);
    if (stopped !== undefined) return resolveIfEmpty(stopped);
    const why = error === null ? "" : `: ${escapeText(error)}`;
    onLost(`spare PID ${spare.process.pid} ended: ${signal ?? `exit status ${exitCode}`}${why}`);
  }

  function onLost(message: string): void {
    log({ event: "warning", message });
    timer.backOff(BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] as number);
    failures += 1;
    schedule();
  }

  function resolveIfEmpty({ resolve }: PromiseWithResolvers<void>): void {
    if (pool.size === 0) resolve();
  }

  return {
    start: schedule,
    onAccepted: schedule,
    take() {
      const spare = [...pool].findLast(({ state }) => state === "ready");
      if (spare === undefined) return null;
      pool.delete(spare);
      spare.take();
      return spare;
    },
    count: () => countStates(pool),
    list: () => Array.from(pool, rowOf),
    stop() {
      stopped ??= Promise.withResolvers<void>();
      timer.cancel();
      // A spare has nothing to finish, and a stopped one would not handle TERM.
      for (const { process } of pool) process.kill("KILL");
      resolveIfEmpty(stopped);
      return stopped.promise;
    },
  };
}

/** Schedules the start of the next spare. */
function createStartTimer() {
  let timer: Timer | undefined;
  /** When a spare has been missing for `MAX_START_DELAY_MS`; infinite while none is missing. */
  let overdueMs = Number.POSITIVE_INFINITY;
  let notBeforeMs = 0;

  return {
    /**
     * Calls `start` after a pause; if it was scheduled already, the pause
     * starts again, up to a limit.
     */
    schedule(start: () => void): void {
      clearTimeout(timer);
      const nowMs = performance.now();
      overdueMs = Math.min(overdueMs, nowMs + MAX_START_DELAY_MS);
      const startMs = Math.max(Math.min(nowMs + START_DELAY_MS, overdueMs), notBeforeMs);
      const callStart = () => {
        overdueMs = Number.POSITIVE_INFINITY;
        start();
      };
      // A busy master may be past `overdueMs`, and Bun complains of a negative time on stderr.
      timer = setTimeout(callStart, Math.max(startMs - nowMs, 0));
    },
    cancel: () => clearTimeout(timer),
    /** Starts nothing for this long. */
    backOff(ms: number): void {
      notBeforeMs = performance.now() + ms;
    },
  };
}

function countStates(pool: Iterable<PooledSpare>): Record<SpareRow["state"], number> {
  const counts = { starting: 0, ready: 0 };
  for (const spare of pool) counts[rowOf(spare).state] += 1;
  return counts;
}

function rowOf({ process, state, startedAt }: PooledSpare): SpareRow {
  return { pid: process.pid, state: state === "ready" ? "ready" : "starting", startedAt };
}
