/** The history of one server, as the master and its page have it: all of it is the keeper's, in a thread of its own. */
import { asError } from "../../shared/as-error.ts";
import type { History } from "../../shared/history.ts";
import type { LogEntry } from "../../shared/log.ts";
import type { CallResults, CallName, CallArguments } from "./worker-calls.ts";
import type { HistoryConfig } from "./store.ts";
import { type HistoryWorker, startHistoryWorker } from "./worker-client.ts";
import { createRecorder } from "./record.ts";

export interface ServerHistory extends History {
  /** From now on what is logged is taken down, as soon as there is a keeper. */
  take(entry: LogEntry): void;
  /** Starts the keeper, which takes the master a few milliseconds: clients that wait come first. */
  start(): void;
  /** Writes what is still to be written; false if that took too long, and the keeper may still wait for its disk. */
  close(): Promise<boolean>;
}

export interface HistoryContext {
  warn(message: string): void;
  /** The ids of the sessions that are live. */
  live(): string[];
}

/** Questions that wait for their answer at the most. */
const MOST_ASKED = 50;

/** How long (ms) an answer may take: Bun ends a page's connection when nothing is said on it for 10 s. */
const PATIENCE = 8000;

/** How long (ms) the end of the server waits for what is still to be written. */
const LONGEST_END = 2000;

/** Pause (ms) before a keeper that has failed is started again. */
const RESTART = 1000;

export function openHistory(keeping: HistoryConfig, { warn, live }: HistoryContext): ServerHistory {
  let keeper: HistoryWorker | null = null;
  let triedAt = Number.NEGATIVE_INFINITY;
  const troubles: Record<"start" | "writing" | "exile" | "upkeep", string | null> = {
    start: null,
    writing: null,
    exile: null,
    upkeep: null,
  };
  const started = Promise.withResolvers<void>();
  /** One question at a time: what is to be written waits for no more than one. */
  let last: Promise<unknown> = started.promise;
  let asked = 0;

  const record = createRecorder({
    async write(json) {
      await started.promise;
      const { exile } = await call("write", json);
      note("exile", exile);
    },
    dropped(entries) {
      warn(
        `history: ${entries.toLocaleString("en")} log entries were dropped before they could be written`,
      );
      call("settle", live()).catch(failed);
    },
    trouble: (why) => note("writing", why),
  });

  function start(): void {
    started.resolve();
    try {
      reach();
    } catch {
      // It is noted, and whoever wants something of it tries again.
    }
  }

  /** The keeper that there is, or a new one. @throws if none can be had, as where no thread can be made. */
  function reach(): HistoryWorker {
    const late = performance.now() - triedAt < RESTART;
    if (keeper !== null && (late || !keeper.hasFailed())) return keeper;
    if (late) throw new Error("it is not open");
    triedAt = performance.now();
    try {
      keeper = startHistoryWorker(keeping, upkeep);
      note("start", null);
      return keeper;
    } catch (cause) {
      const error = new Error(`it cannot be opened: ${asError(cause).message}`, { cause });
      note("start", error.message);
      throw error;
    }
  }

  function upkeep(done: CallResults["upkeep"] | Error): void {
    note("upkeep", done instanceof Error ? done.message : null);
    if (!(done instanceof Error)) note("exile", done.exile);
  }

  async function call<N extends CallName>(
    name: N,
    wants: CallArguments[N],
  ): Promise<CallResults[N]> {
    return await reach().call(name, wants);
  }

  function trouble(): string | null {
    return troubles.start ?? troubles.writing ?? troubles.exile ?? troubles.upkeep;
  }

  /** The log is told when trouble begins and when it ends; on the page it stands meanwhile. */
  function note(part: keyof typeof troubles, why: string | null): void {
    const before = trouble();
    troubles[part] = why;
    const after = trouble();
    if (before === null && after !== null) warn(`history: ${after}`);
    if (before !== null && after === null) warn("history: all is written again");
  }

  function failed(why: unknown): void {
    warn(`history: ${asError(why).message}`);
  }

  function ask<N extends CallName>(name: N, wants: CallArguments[N]): Promise<CallResults[N]> {
    if (asked >= MOST_ASKED) return Promise.reject(new Error("too many ask at once"));
    asked += 1;
    const answer = last.then(() => call(name, wants)).finally(() => (asked -= 1));
    last = answer.catch(() => {}); // the asker hears of it
    return inTime(answer, PATIENCE);
  }

  async function finish(): Promise<void> {
    const left = await record.end();
    if (left > 0) warn(`history: ${left.toLocaleString("en")} log entries could not be written`);
    await call("close", null);
  }

  return {
    file: keeping.file,
    retention: {
      maxSessions: keeping.file === null ? keeping.sizeInMemory : keeping.size,
      maxAgeMs: keeping.age,
    },
    get writeError() {
      return trouble();
    },
    take: record.take,
    start,
    session: (id) => ask("session", id),
    search: (query) => ask("search", query),
    totals: (filter) => ask("totals", filter),
    audit: (query) => ask("audit", query),
    async close() {
      // The server may end before the history was opened; what is in memory ends with it anyway.
      if (keeper === null && keeping.file !== null && !record.isEmpty()) start();
      if (keeper === null) return true;
      keeper.await();
      let isClosed = false;
      try {
        await inTime(finish(), LONGEST_END);
        isClosed = true;
      } catch (error) {
        failed(error);
      }
      keeper.end();
      return isClosed;
    },
  };
}

/** Rejects if it takes longer. */
function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("the disk does not answer")), ms);
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}
