/**
 * The history of one server, as the master and its page use it. A thread of its own does the work.
 */
import { asError } from "../../shared/as-error.ts";
import type { History } from "../../shared/history.ts";
import type { LogEntry } from "../../shared/log.ts";
import { type Problems, trackProblems } from "./problems.ts";
import { type CallWorker, createQueryQueue } from "./query-queue.ts";
import { createRecorder, type RecordSink } from "./record.ts";
import type { HistoryConfig } from "./store.ts";
import { withTimeout } from "./with-timeout.ts";
import type { CallResults } from "./worker-calls.ts";
import { type HistoryWorker, startHistoryWorker } from "./worker-client.ts";
import { superviseWorker } from "./worker-supervisor.ts";

export interface ServerHistory extends History {
  /** Takes a log entry. It is written once the thread has been started. */
  record(entry: LogEntry): void;
  /** Opens the database. Not before the server listens: another one may use the file. */
  start(): void;
  /**
   * Writes what is left. Resolves to false if that took too long, and the thread
   * may still wait for its disk.
   */
  close(): Promise<boolean>;
}

export interface HistoryContext {
  /** A thread that was started in advance; null if it could not be. The history owns it. */
  thread: HistoryWorker | null;
  warn(message: string): void;
  /** Returns the IDs of the live sessions. */
  liveIds(): string[];
}

/** How long the end of the server may wait for the last entries to be written. */
const CLOSE_TIMEOUT_MS = 2000;

export function openHistory(config: HistoryConfig, context: HistoryContext): ServerHistory {
  const { warn } = context;
  const problems = trackProblems(warn);
  let idle = context.thread;
  const worker = superviseWorker(openThread, (reason) => problems.set("start", reason));
  const started = Promise.withResolvers<void>();
  const call: CallWorker = async (name, argument) => worker.get().call(name, argument);
  const query = createQueryQueue(started.promise, call);
  const recorder = createRecorder(createSink(call, started.promise, problems, context));

  function openThread(): HistoryWorker {
    const thread = idle ?? startHistoryWorker();
    idle = null;
    thread.open(config, onMaintained);
    return thread;
  }

  function onMaintained(result: CallResults["maintain"] | Error): void {
    problems.set("maintenance", result instanceof Error ? result.message : null);
    if (!(result instanceof Error)) problems.set("fallback", result.fallbackReason);
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
    if (thread === null) {
      idle?.terminate();
      return true;
    }
    thread.ref();
    let isClosed = false;
    try {
      await withTimeout(finish(), CLOSE_TIMEOUT_MS);
      isClosed = true;
    } catch (error) {
      warn(`history: ${asError(error).message}`);
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

/**
 * Writes batches once the thread is started. Reports what was dropped, and
 * whatever keeps it from writing.
 */
function createSink(
  call: CallWorker,
  started: Promise<void>,
  problems: Problems,
  { warn, liveIds }: HistoryContext,
): RecordSink {
  return {
    async write(json) {
      await started;
      const { fallbackReason } = await call("write", json);
      problems.set("fallback", fallbackReason);
    },
    onDropped(entries) {
      const count = entries.toLocaleString("en");
      warn(`history: ${count} log entries were dropped before they could be written`);
      call("markLost", liveIds()).catch((error: unknown) =>
        warn(`history: ${asError(error).message}`),
      );
    },
    onProblem: (reason) => problems.set("write", reason),
  };
}
