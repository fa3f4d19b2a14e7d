/** Starts the thread that stores the history, and calls it. */
import { threadErrorText } from "../../shared/thread-error.ts";
import { thisEntry } from "../handover/program.ts";
import { canOpenDescriptors } from "../os/descriptor-exhaustion.ts";
import type { HistoryConfig } from "./store.ts";
import {
  type Call,
  type CallArguments,
  type CallName,
  type CallReply,
  type CallResults,
  STARTING,
} from "./worker-calls.ts";

export interface HistoryWorker {
  /**
   * Opens the history, and calls `onMaintained` with the results of its maintenance, which the
   * thread does by itself. Blocks until the thread runs: while it starts, nothing else may take the
   * last descriptors. To be called once.
   */
  open(config: HistoryConfig, onMaintained: OnMaintained): void;
  /** Blocks until the thread runs, as `open` does. */
  waitUntilRunning(): void;
  /**
   * Rejects with the reason if the call fails, or the thread ends before it has replied. To
   * be called once it is open.
   */
  call<N extends CallName>(name: N, argument: CallArguments[N]): Promise<CallResults[N]>;
  /** The thread has ended: all calls reject. */
  hasFailed(): boolean;
  /** Keeps this process running until the thread has ended. By default it does not. */
  ref(): void;
  /** Ends the thread, whatever it is doing. */
  terminate(): void;
}

type OnMaintained = (result: CallResults["maintain"] | Error) => void;

interface PendingCall {
  resolve(result: CallResults[CallName]): void;
  reject(error: Error): void;
}

/** The thread needs three, and its database some more. Others may be opened while it starts. */
const MIN_DESCRIPTORS = 32;

/** A thread starts in some 20 ms, on a busy machine in some 100. */
const START_TIMEOUT_MS = 5000;

/**
 * Starts the thread, which opens nothing yet.
 * @throws if there are not enough descriptors. Bun itself would exit: "bun ran
 * out of file descriptors".
 */
export function startHistoryWorker(): HistoryWorker {
  if (!canOpenDescriptors(MIN_DESCRIPTORS)) throw new Error("not enough descriptors are left");
  const pending = new Map<number, PendingCall>();
  const state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let onMaintained: OnMaintained = () => {};
  let lastNumber = 0;
  let failure: Error | null = null;
  // TypeScript takes it for the browser's Worker, which has fewer options.
  const thread = new Worker(thisEntry(), {
    name: "history",
    argv: ["history-worker"],
    workerData: state,
  } as WorkerOptions) as Bun.Worker;
  thread.unref();

  function onReply(reply: CallReply): void {
    if (reply.number === 0) {
      return onMaintained(
        "error" in reply ? new Error(reply.error) : (reply.result as CallResults["maintain"]),
      );
    }
    const call = pending.get(reply.number);
    pending.delete(reply.number);
    if ("error" in reply) call?.reject(new Error(reply.error));
    else call?.resolve(reply.result);
  }

  function fail(reason: string): void {
    failure ??= new Error(`the history's thread has failed: ${reason}`);
    for (const { reject } of pending.values()) reject(failure);
    pending.clear();
  }

  thread.addEventListener("message", (event: unknown) =>
    onReply((event as MessageEvent<CallReply>).data),
  );
  thread.addEventListener("error", ({ message }) => fail(threadErrorText(message)));
  thread.addEventListener("close", () => fail("it has ended"));

  function waitUntilRunning(): void {
    if (Atomics.wait(state, 0, STARTING, START_TIMEOUT_MS) !== "timed-out") return;
    fail(`it has not started in ${START_TIMEOUT_MS / 1000} s`);
    thread.terminate();
  }

  return {
    open(config, callback) {
      waitUntilRunning();
      onMaintained = callback;
      thread.postMessage({ number: 0, name: "open", argument: config } satisfies Call);
    },
    waitUntilRunning,
    call(name, argument) {
      if (failure !== null) return Promise.reject(failure);
      const { promise, resolve, reject } = Promise.withResolvers<CallResults[CallName]>();
      lastNumber += 1;
      pending.set(lastNumber, { resolve, reject });
      thread.postMessage({ number: lastNumber, name, argument } as Call);
      return promise as Promise<CallResults[typeof name]>;
    },
    hasFailed: () => failure !== null,
    ref: () => thread.ref(),
    terminate() {
      thread.terminate();
      fail("it was terminated");
    },
  };
}

/** Returns null if it cannot be started, which the next attempt reports. */
export function tryStartHistoryWorker(): HistoryWorker | null {
  try {
    return startHistoryWorker();
  } catch {
    return null;
  }
}
