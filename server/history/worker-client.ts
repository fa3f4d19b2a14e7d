/** The master's way to the keeper of its history. */
import { thisEntry } from "../handover/program.ts";
import type { CallReply, Call, CallResults, CallName, CallArguments } from "./worker-calls.ts";
import type { HistoryConfig } from "./store.ts";

export interface HistoryWorker {
  /** Rejects with an error that says why not; if the keeper has come to its end, too. */
  call<N extends CallName>(name: N, wants: CallArguments[N]): Promise<CallResults[N]>;
  /** It takes no calls any more. */
  hasFailed(): boolean;
  /** While it is awaited the process goes on for it, else not. */
  await(): void;
  /** Ends it, whatever it does. */
  end(): void;
}

interface Waiting {
  resolve(gives: CallResults[CallName]): void;
  reject(error: Error): void;
}

/** Starts a keeper; `upkeep` hears how that went, for which nobody has asked. */
export function startHistoryWorker(
  keeping: HistoryConfig,
  upkeep: (done: CallResults["upkeep"] | Error) => void,
): HistoryWorker {
  const waiting = new Map<number, Waiting>();
  /** What comes before the keeper listens would be lost: it waits here; null when it does. */
  let early: Call[] | null = [];
  let number = 0;
  let over: Error | null = null;
  // TypeScript takes it for the browser's, which has less.
  const thread = new Worker(thisEntry(), {
    argv: ["keeper", JSON.stringify(keeping)],
  } as WorkerOptions) as Bun.Worker;
  thread.unref();

  thread.addEventListener("message", (event: unknown) => {
    const { data } = event as MessageEvent<CallReply>;
    for (const call of early ?? []) thread.postMessage(call);
    early = null;
    if (data.number === 0) {
      return upkeep(
        "error" in data ? new Error(data.error) : (data.gives as CallResults["upkeep"]),
      );
    }
    const asker = waiting.get(data.number);
    waiting.delete(data.number);
    if ("error" in data) asker?.reject(new Error(data.error));
    else asker?.resolve(data.gives);
  });
  thread.addEventListener("error", ({ message }) => ended(message));
  thread.addEventListener("close", () => ended("it has ended"));

  function ended(why: string): void {
    over ??= new Error(`the history's keeper has failed: ${why}`);
    for (const { reject } of waiting.values()) reject(over);
    waiting.clear();
  }

  return {
    call(name, wants) {
      if (over !== null) return Promise.reject(over);
      const { promise, resolve, reject } = Promise.withResolvers<CallResults[CallName]>();
      number += 1;
      waiting.set(number, { resolve, reject });
      const call = { number, name, wants } as Call;
      if (early === null) thread.postMessage(call);
      else early.push(call);
      return promise as Promise<CallResults[typeof name]>;
    },
    hasFailed: () => over !== null,
    await: () => thread.ref(),
    end() {
      thread.terminate();
      ended("it was told to end");
    },
  };
}
