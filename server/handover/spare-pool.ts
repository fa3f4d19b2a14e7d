/**
 * Spares: children started ahead of their clients, so that a client need not wait for a process to
 * start. Each is given one client and then is a child like any other.
 *
 *     starting → ready → given to a client
 *                     ↘ ended (and replaced)
 */
import { closeSync } from "node:fs";
import type { LogEvent } from "../../shared/log.ts";
import type { Spare as SpareRow } from "../../shared/master.ts";
import { parseChildMessage } from "../channel/messages.ts";
import type { ChildEvents, ChildProcess, Spawner } from "./spawn.ts";

export interface Spare {
  process: ChildProcess;
  /** The Unix socket over which it takes its client; whoever asks to be told of it closes this, too. */
  over: number;
  /** From now on tells these, and not the pool, what the process does. */
  tell(events: ChildEvents): void;
}

export interface SparePool {
  /** The spare that was ready last, the warmest, out of the pool; null if none is ready. */
  take(): Spare | null;
  /** Begins to make them; none is made before. */
  start(): void;
  /** A client came: what is missing is made when it has been looked after. */
  clientCame(): void;
  list(): readonly SpareRow[];
  /** How many there are in each state. */
  count(): Record<SpareRow["state"], number>;
  /** Ends them all; settles when they are reaped. */
  stop(): Promise<void>;
}

/** So long (ms) after a client came, or a spare was ready, none is begun: it takes a processor for about 20. */
const REST = 10;

/** When one has been missing for so long (ms), it is begun although clients keep coming. */
const LATEST = 250;

/** A spare that takes longer (ms) than this is stuck. */
const START_DEADLINE = 10_000;

/** Waits (ms) after one, two … spares that ended by themselves, so that a broken one is no storm. */
const BACKOFF = [100, 1000, 5000, 30_000];

type Pooled = Spare & SpareRow;

/** Keeps `wanted` spares; says in the log when one was lost. */
export function createSparePool(
  wanted: number,
  spawner: Spawner,
  log: (event: LogEvent) => void,
): SparePool {
  const pool = new Set<Pooled>();
  let failures = 0;
  let next: Timer | undefined;
  /** When the next one is due because one has been missing for long; infinite while none is. */
  let latest = Number.POSITIVE_INFINITY;
  /** Before that none is begun: the last ones failed. */
  let earliest = 0;
  let stopped: PromiseWithResolvers<void> | undefined;

  function schedule(): void {
    clearTimeout(next);
    if (stopped !== undefined || pool.size >= wanted) return;
    const now = performance.now();
    latest = Math.min(latest, now + LATEST);
    const at = Math.max(Math.min(now + REST, latest), earliest);
    // A busy master may be late for `latest`, and Bun complains of a negative time on stderr.
    next = setTimeout(begin, Math.max(at - now, 0));
  }

  function begin(): void {
    latest = Number.POSITIVE_INFINITY;
    // One at a time: what becomes of it schedules the next.
    if (pool.values().some(({ state }) => state === "starting")) return;
    try {
      add();
    } catch (error) {
      lost(`no spare could be started: ${String(error)}`);
    }
  }

  function add(): void {
    let events: ChildEvents = {
      message: ready,
      exited(exitCode, signal) {
        clearTimeout(late);
        pool.delete(spare);
        closeSync(spare.over);
        if (stopped !== undefined) return settle();
        lost(`spare pid ${spare.pid} ended: ${signal ?? `exit status ${exitCode}`}`);
      },
    };
    const started = spawner.spare({
      message: (message) => events.message(message),
      exited: (exitCode, signal) => events.exited(exitCode, signal),
    });
    const late = setTimeout(() => started.process.kill("SIGKILL"), START_DEADLINE);
    const spare: Pooled = {
      ...started,
      pid: started.process.pid,
      state: "starting",
      startedAt: Date.now(),
      tell: (others) => (events = others),
    };
    pool.add(spare);

    function ready(message: unknown): void {
      if (parseChildMessage(message)?.type !== "ready") return;
      clearTimeout(late);
      spare.state = "ready";
      failures = 0;
      schedule();
    }
  }

  function lost(message: string): void {
    log({ event: "warning", message });
    earliest = performance.now() + (BACKOFF[Math.min(failures, BACKOFF.length - 1)] as number);
    failures += 1;
    schedule();
  }

  function settle(): void {
    if (pool.size === 0) stopped?.resolve();
  }

  return {
    start: schedule,
    take() {
      const spare = [...pool].findLast(({ state }) => state === "ready");
      if (spare === undefined) return null;
      pool.delete(spare);
      return spare;
    },
    clientCame: schedule,
    count() {
      const counts = { starting: 0, ready: 0 };
      for (const { state } of pool) counts[state] += 1;
      return counts;
    },
    list: () => Array.from(pool, ({ pid, state, startedAt }) => ({ pid, state, startedAt })),
    stop() {
      stopped ??= Promise.withResolvers<void>();
      clearTimeout(next);
      // A spare has nothing to finish; a stopped one would not hear of TERM.
      for (const { process } of pool) process.kill("SIGKILL");
      settle();
      return stopped.promise;
    },
  };
}
