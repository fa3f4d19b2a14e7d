/** Starts the thread that stores the history, and calls it. */
import { thisEntry } from "../handover/program.ts";
import { canOpenDescriptors } from "../os/descriptor-exhaustion.ts";
import type { HistoryConfig } from "./store.ts";
import type { Call, CallArguments, CallName, CallReply, CallResults } from "./worker-calls.ts";

export interface HistoryWorker {
  /** Rejects with the reason if the call fails, or the thread ends before it has replied. */
  call<N extends CallName>(name: N, argument: CallArguments[N]): Promise<CallResults[N]>;
  /** The thread has ended: all calls reject. */
  hasFailed(): boolean;
  /** Keeps this process running until the thread has ended. By default it does not. */
  ref(): void;
  /** Ends the thread, whatever it is doing. */
  terminate(): void;
}

interface PendingCall {
  resolve(result: CallResults[CallName]): void;
  reject(error: Error): void;
}

/** The thread needs three, and its database some more. Others may be opened while it starts. */
const MIN_DESCRIPTORS = 32;

/**
 * Starts the thread. `onMaintained` receives the results of its maintenance, which nobody calls for.
 * @throws if there are not enough descriptors. Bun itself would exit: "bun ran out of file descriptors".
 */
export function startHistoryWorker(
  config: HistoryConfig,
  onMaintained: (result: CallResults["maintain"] | Error) => void,
): HistoryWorker {
  if (!canOpenDescriptors(MIN_DESCRIPTORS)) throw new Error("not enough descriptors are left");
  const pending = new Map<number, PendingCall>();
  /** Messages sent before the thread listens would be lost: they wait here. Null once it listens. */
  let early: Call[] | null = [];
  let lastNumber = 0;
  let failure: Error | null = null;
  // TypeScript takes it for the browser's Worker, which has fewer options.
  const thread = new Worker(thisEntry(), {
    name: "history",
    argv: ["history-worker", JSON.stringify(config)],
  } as WorkerOptions) as Bun.Worker;
  thread.unref();

  function onReply(reply: CallReply): void {
    for (const call of early ?? []) thread.postMessage(call);
    early = null;
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
  thread.addEventListener("error", ({ message }) => fail(message));
  thread.addEventListener("close", () => fail("it has ended"));

  return {
    call(name, argument) {
      if (failure !== null) return Promise.reject(failure);
      const { promise, resolve, reject } = Promise.withResolvers<CallResults[CallName]>();
      lastNumber += 1;
      pending.set(lastNumber, { resolve, reject });
      const call = { number: lastNumber, name, argument } as Call;
      if (early === null) thread.postMessage(call);
      else early.push(call);
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
