/** Starts the history's thread, and starts it again after it has failed. */
import { asError } from "../../shared/as-error.ts";
import type { HistoryWorker } from "./worker-client.ts";

export interface WorkerSupervisor {
  /** Returns the thread, or a new one if it has failed. @throws if none can be started. */
  get(): HistoryWorker;
  /** Returns the newest thread, which may have failed; null if none was started. */
  current(): HistoryWorker | null;
}

/** Between two attempts to start a thread. */
const RESTART_INTERVAL_MS = 1000;

/** `onStart` receives the reason why the thread cannot be started; null if it was. */
export function superviseWorker(
  start: () => HistoryWorker,
  onStart: (problem: string | null) => void,
): WorkerSupervisor {
  let worker: HistoryWorker | null = null;
  let startedAt = Number.NEGATIVE_INFINITY;

  return {
    current: () => worker,
    get() {
      const isTooSoon = performance.now() - startedAt < RESTART_INTERVAL_MS;
      if (worker !== null && (isTooSoon || !worker.hasFailed())) return worker;
      if (isTooSoon) throw new Error("it is not open");
      startedAt = performance.now();
      try {
        worker = start();
        onStart(null);
        return worker;
      } catch (cause) {
        const error = new Error(`it cannot be opened: ${asError(cause).message}`, { cause });
        onStart(error.message);
        throw error;
      }
    },
  };
}
