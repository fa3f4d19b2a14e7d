/** What a client typed, on its way to the terminal. */
import { createOutbox } from "../../os/outbox.ts";
import type { Connection } from "./byte-service.ts";

export interface TypingTarget {
  readonly isOpen: boolean;
  /** Returns how many of the bytes the terminal took. */
  write(bytes: Uint8Array): number;
}

export interface TerminalInput {
  /**
   * Queues what was typed, which belongs to the queue from now on, and writes as
   * much as the terminal takes.
   */
  add(typed: Buffer): void;
  /** From now on there is a terminal to type into. */
  connect(target: TypingTarget): void;
  stop(): void;
}

/** With more bytes in the queue nothing is read from the client. */
const MAX_QUEUED_BYTES = 16_384;

/**
 * A terminal that takes nothing now is tried again after this time. Bun's own write may wait
 * forever: a terminal discards what was typed at an interrupt, and Bun is not notified of that.
 */
const RETRY_INTERVAL_MS = 20;

export function createTerminalInput(connection: Connection): TerminalInput {
  const queue = createOutbox();
  let target: TypingTarget | undefined;
  let retry: Timer | undefined;

  function flush(): void {
    clearTimeout(retry);
    if (target?.isOpen) {
      queue.flush(target.write);
      if (!queue.isEmpty) retry = setTimeout(flush, RETRY_INTERVAL_MS);
    }
    if (queue.size > MAX_QUEUED_BYTES) connection.pause();
    else connection.resume();
  }

  return {
    add(typed) {
      queue.add(typed);
      flush();
    },
    connect(terminal) {
      target = terminal;
      flush();
    },
    stop: () => clearTimeout(retry),
  };
}
