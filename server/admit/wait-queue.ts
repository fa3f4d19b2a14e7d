import { type AcceptedClient, CLOSED_FD } from "../accept/accept.ts";
import type { RefuseReason } from "../../shared/outcome.ts";

/** Each holds a descriptor, and what it has sent waits in the kernel. */
const MAX_WAITING = 1000;

/** How often (ms) it is looked whether there is room now: a rate lets one in as time goes by. */
const LOOK = 100;

export interface WaitQueue {
  /** Takes a client for so long (ms); false if there is no place for it. */
  add(client: AcceptedClient, reason: RefuseReason, ms: number): boolean;
  /** There may be room now. */
  look(): void;
  readonly size: number;
  /** The first of whom this is true. */
  find(condition: (waiter: WaitingClient) => boolean): WaitingClient | undefined;
  /** Refuses all. */
  close(reason: RefuseReason): void;
}

export interface WaitingClient {
  client: AcceptedClient;
  reason: RefuseReason;
  /** On the clock of `performance.now`. */
  until: number;
}

/** `enter` lets a client in and gives null, or the reason why not; `refuse` takes those who waited in vain. */
export function createWaitQueue(
  enter: (client: AcceptedClient, now: number) => RefuseReason | null,
  refuse: (client: AcceptedClient, reason: RefuseReason) => void,
): WaitQueue {
  const queue = new Set<WaitingClient>();
  let timer: Timer | undefined;
  let looking = false;

  /** Lets in the first for whom there is room: one in a turn of the event loop, as with newcomers. */
  function look(): void {
    looking = false;
    const now = performance.now();
    for (const waiter of queue) {
      if (waiter.until <= now || waiter.client.socket.fd === CLOSED_FD) {
        leave(waiter);
        refuse(waiter.client, waiter.reason);
        continue;
      }
      // One time for all: a later one must not find open what has just been closed to an earlier one.
      const reason = enter(waiter.client, now);
      if (reason === null) {
        leave(waiter);
        return lookSoon();
      }
      waiter.reason = reason;
    }
  }

  function lookSoon(): void {
    if (looking || queue.size === 0) return;
    looking = true;
    setImmediate(look);
  }

  function leave(waiter: WaitingClient): void {
    queue.delete(waiter);
    if (queue.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    add(client, reason, ms) {
      if (queue.size >= MAX_WAITING) return false;
      queue.add({ client, reason, until: performance.now() + ms });
      timer ??= setInterval(lookSoon, LOOK);
      return true;
    },
    look: lookSoon,
    get size() {
      return queue.size;
    },
    find: (condition) => queue.values().find(condition),
    close(reason) {
      for (const waiter of queue) {
        leave(waiter);
        refuse(waiter.client, reason);
      }
    },
  };
}
