/** The history of one server, as the master and its page use it. A thread of its own does the work. */
import { asError } from "../../shared/as-error.ts";
import type { History } from "../../shared/history.ts";
import type { LogEntry } from "../../shared/log.ts";
import { trackProblems } from "./problems.ts";
import { createRecorder } from "./record.ts";
import type { HistoryConfig } from "./store.ts";
import type { CallArguments, CallName, CallResults } from "./worker-calls.ts";
import { startHistoryWorker } from "./worker-client.ts";
import { superviseWorker } from "./worker-supervisor.ts";

export interface ServerHistory extends History {
  /** Takes a log entry. It is written once the thread has been started. */
  record(entry: LogEntry): void;
  /** Starts the thread. This takes the master a few milliseconds, so waiting clients should be served first. */
  start(): void;
  /** Writes what is left. Resolves to false if that took too long, and the thread may still wait for its disk. */
  close(): Promise<boolean>;
}

export interface HistoryContext {
  warn(message: string): void;
  /** Returns the IDs of the live sessions. */
  liveIds(): string[];
}

const MAX_WAITING_QUERIES = 50;

/** Bun closes a page's connection after 10 s of silence. */
const QUERY_TIMEOUT_MS = 8000;

/** How long the end of the server may wait for the last entries to be written. */
const CLOSE_TIMEOUT_MS = 2000;

export function openHistory(
  config: HistoryConfig,
  { warn, liveIds }: HistoryContext,
): ServerHistory {
  const problems = trackProblems(warn);
  const worker = superviseWorker(
    () => startHistoryWorker(config, onMaintained),
    (reason) => problems.set("start", reason),
  );
  const started = Promise.withResolvers<void>();
  const query = createQueryQueue(started.promise, call);
  const recorder = createRecorder({
    async write(json) {
      await started.promise;
      const { fallbackReason } = await call("write", json);
      problems.set("fallback", fallbackReason);
    },
    onDropped(entries) {
      warn(
        `history: ${entries.toLocaleString("en")} log entries were dropped before they could be written`,
      );
      call("markLost", liveIds()).catch(warnOf);
    },
    onProblem: (reason) => problems.set("write", reason),
  });

  function onMaintained(result: CallResults["maintain"] | Error): void {
    problems.set("maintenance", result instanceof Error ? result.message : null);
    if (!(result instanceof Error)) problems.set("fallback", result.fallbackReason);
  }

  async function call<N extends CallName>(
    name: N,
    argument: CallArguments[N],
  ): Promise<CallResults[N]> {
    return await worker.get().call(name, argument);
  }

  function warnOf(error: unknown): void {
    warn(`history: ${asError(error).message}`);
  }

  function start(): void {
    started.resolve();
    try {
      worker.get();
    } catch {
      // Reported as a problem; the next call tries again.
    }
  }

  async function finish(): Promise<void> {
    const lost = await recorder.end();
    if (lost > 0) warn(`history: ${lost.toLocaleString("en")} log entries could not be written`);
    await call("close", null);
  }

  async function close(): Promise<boolean> {
    // The server may end before the history was opened; a history in memory ends with it anyway.
    if (worker.current() === null && config.file !== null && !recorder.isEmpty()) start();
    const thread = worker.current();
    if (thread === null) return true;
    thread.ref();
    let isClosed = false;
    try {
      await withTimeout(finish(), CLOSE_TIMEOUT_MS);
      isClosed = true;
    } catch (error) {
      warnOf(error);
    }
    thread.terminate();
    return isClosed;
  }

  return {
    file: config.file,
    retention: {
      maxSessions: config.file === null ? config.maxSessionsInMemory : config.maxSessions,
      maxAgeMs: config.maxAgeMs,
    },
    get writeError() {
      return problems.current();
    },
    record: recorder.take,
    start,
    session: (id) => query("session", id),
    search: (wanted) => query("search", wanted),
    totals: (filter) => query("totals", filter),
    audit: (wanted) => query("audit", wanted),
    close,
  };
}

type CallWorker = <N extends CallName>(
  name: N,
  argument: CallArguments[N],
) => Promise<CallResults[N]>;

/**
 * Returns a function like `call` that makes one call at a time, the first after `ready`: so a write waits for no
 * more than one query. It rejects if there are too many, or a call takes too long.
 */
function createQueryQueue(ready: Promise<void>, call: CallWorker): CallWorker {
  let last: Promise<unknown> = ready;
  let waiting = 0;

  return (name, argument) => {
    if (waiting >= MAX_WAITING_QUERIES) return Promise.reject(new Error("too many requests"));
    waiting += 1;
    const result = last.then(() => call(name, argument)).finally(() => (waiting -= 1));
    last = result.catch(() => {}); // the caller handles it
    return withTimeout(result, QUERY_TIMEOUT_MS);
  };
}

/** Rejects if the promise takes longer. */
function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error("the disk does not answer")), ms);
  return Promise.race([promise, timeout.promise]).finally(() => clearTimeout(timer));
}
