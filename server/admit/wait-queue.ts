/**
 * With `--refuse wait`: the clients for which there is no room yet, in the
 * order in which they came.
 */
import type { RefuseReason } from "../../shared/outcome.ts";
import { type AcceptedClient, CLOSED_FD } from "../accept/accept.ts";

/** Each one holds a descriptor, and what it sends waits in the kernel. */
const MAX_WAITING = 1000;

/** How often to retry: a rate admits clients simply because time passes. */
const RETRY_INTERVAL_MS = 100;

export interface WaitingClient {
  client: AcceptedClient;
  /** Why it was not admitted the last time. */
  reason: RefuseReason;
  /** When it is refused, on the clock of `performance.now`. */
  deadlineMs: number;
}

export interface WaitQueue {
  /**
   * Queues a client for at most `maxWaitMs`. Returns false, and does nothing, if the queue is full.
   */
  add(client: AcceptedClient, reason: RefuseReason, maxWaitMs: number): boolean;
  /** Retries soon, because there may be room now. */
  retry(): void;
  readonly size: number;
  /** Returns the first waiting client that meets the condition. */
  find(condition: (waiting: WaitingClient) => boolean): WaitingClient | undefined;
  /** Refuses all. */
  close(reason: RefuseReason): void;
}

/**
 * `tryAdmit` admits a client and returns null, or returns why it cannot. `refuse` takes
 * those that waited in vain.
 */
export function createWaitQueue(
  tryAdmit: (client: AcceptedClient, nowMs: number) => RefuseReason | null,
  refuse: (client: AcceptedClient, reason: RefuseReason) => void,
): WaitQueue {
  const queue = new Set<WaitingClient>();
  let timer: Timer | undefined;
  let isRetrying = false;

  function remove(waiting: WaitingClient): void {
    queue.delete(waiting);
    if (queue.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  /**
   * Admits the first client for which there is room: like new clients, one
   * per turn of the event loop.
   */
  function admitNext(): void {
    isRetrying = false;
    // The same time for all: otherwise a later client could be admitted by a rate that has
    // just refused one before it.
    const nowMs = performance.now();
    for (const waiting of queue) {
      if (waiting.deadlineMs <= nowMs || waiting.client.socket.fd === CLOSED_FD) {
        remove(waiting);
        refuse(waiting.client, waiting.reason);
        continue;
      }
      const reason = tryAdmit(waiting.client, nowMs);
      if (reason === null) {
        remove(waiting);
        return retry();
      }
      waiting.reason = reason;
    }
  }

  function retry(): void {
    if (isRetrying || queue.size === 0) return;
    isRetrying = true;
    setImmediate(admitNext);
  }

  return {
    add(client, reason, maxWaitMs) {
      if (queue.size >= MAX_WAITING) return false;
      queue.add({ client, reason, deadlineMs: performance.now() + maxWaitMs });
      timer ??= setInterval(retry, RETRY_INTERVAL_MS);
      return true;
    },
    retry,
    get size() {
      return queue.size;
    },
    find: (condition) => queue.values().find(condition),
    close(reason) {
      for (const waiting of queue) {
        remove(waiting);
        refuse(waiting.client, reason);
      }
    },
  };
}
