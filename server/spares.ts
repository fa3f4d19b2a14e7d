/**
 * Spares: children started ahead of their clients, so that a client need not wait for a process to
 * start. Each is given one client and then is a child like any other.
 *
 *     starting → ready → given to a client
 *                     ↘ ended (and replaced)
 */
import { closeSync } from "node:fs";
import type { LogEvent } from "../shared/log.ts";
import type { Spare as SpareRow } from "../shared/master.ts";
import { parseChildMessage } from "../shared/messages.ts";
import type { ChildEvents, ChildProcess, Spawner } from "./spawn.ts";

export interface Spare {
  process: ChildProcess;
  /** The Unix socket over which it takes its client; whoever has taken the spare closes it. */
  over: number;
  /** From now on tells these what the process does. */
  tell(events: ChildEvents): void;
}

export interface Spares {
  /** The spare that was ready last, the warmest, out of the pool; null if none is ready. */
  take(): Spare | null;
  /** A client came: what is missing is made when it has been looked after. */
  rest(): void;
  list(): readonly SpareRow[];
  /** Ends them all; settles when they are reaped. */
  stop(): Promise<void>;
}

/** So long (ms) after a client came, or a spare was ready, no other is begun: it takes a processor for about 20. */
const REST = 10;

/** A spare that takes longer (ms) than this is stuck. */
const START_DEADLINE = 10_000;

/** Waits (ms) after one, two … spares that ended by themselves, so that a broken one is no storm. */
const BACKOFF = [100, 1000, 5000, 30_000];

type Pooled = Spare & SpareRow;

/** Keeps `wanted` spares; says in the log when one was lost. */
export function keepSpares(
  wanted: number,
  spawner: Spawner,
  log: (event: LogEvent) => void,
): Spares {
  const pool = new Set<Pooled>();
  let failures = 0;
  let next: Timer | undefined;
  let stopped: PromiseWithResolvers<void> | undefined;

  function schedule(wait: number): void {
    clearTimeout(next);
    if (stopped === undefined && pool.size < wanted) next = setTimeout(begin, wait);
  }

  function begin(): void {
    if (pool.values().some(({ state }) => state === "starting")) return; // it schedules when it is done
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
      schedule(REST);
    }
  }

  function lost(message: string): void {
    log({ event: "warning", message });
    schedule(BACKOFF[Math.min(failures, BACKOFF.length - 1)] as number);
    failures += 1;
  }

  function settle(): void {
    if (pool.size === 0) stopped?.resolve();
  }

  schedule(0);
  return {
    take() {
      const spare = [...pool].findLast(({ state }) => state === "ready");
      if (spare === undefined) return null;
      pool.delete(spare);
      return spare;
    },
    rest: () => schedule(REST),
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
