/** Runs queries of the history one at a time, each with a timeout. */
import type { CallArguments, CallName, CallResults } from "./worker-calls.ts";
import { withTimeout } from "./with-timeout.ts";

const MAX_WAITING_QUERIES = 50;

/** Bun closes a page's connection after 10 s of silence. */
const QUERY_TIMEOUT_MS = 8000;

export type CallWorker = <N extends CallName>(
  name: N,
  argument: CallArguments[N],
) => Promise<CallResults[N]>;

/**
 * Returns a function like `call` that makes one call at a time, the first after `ready`: so a write
 * waits for no more than one query. It rejects if there are too many, or a call takes too long.
 */
export function createQueryQueue(ready: Promise<void>, call: CallWorker): CallWorker {
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
