/** Sends messages to a child, and bounds those that wait because the child does not read. */
import { createOutbox } from "../os/outbox.ts";
import { encodeMessage } from "./messages.ts";

/**
 * What may wait for a child besides the 200 kB in the kernel. On a busy machine a child that does
 * keep up needs a second for a burst from fifty others.
 */
export const MAX_WAITING_MESSAGES = 1000;
export const MAX_WAITING_BYTES = 500_000;

export interface ChannelWriter {
  /** True from `awaitReply` until the child's kernel has taken the reply. */
  readonly owesReply: boolean;
  awaitReply(): void;
  /** Sends the reply, which is never dropped: there is one at a time. */
  reply(line: Buffer): void;
  /**
   * Sends another message, or drops it if too much waits. The child is sent
   * the number of those dropped.
   */
  deliver(line: Buffer): void;
  /** The child has read something. */
  flush(): void;
  /** Discards what waits, and sends nothing more. */
  stop(): void;
}

/** `write` returns how many of the bytes were taken; negative if the child has closed its end. */
export function createChannelWriter(write: (bytes: Buffer) => number): ChannelWriter {
  const outbox = createOutbox();
  let sentBytes = 0;
  let dropped = 0;
  /** How many bytes the child must have taken until the reply is among them. */
  let replyEnd = 0;

  function flush(): void {
    if (!outbox.flush(write)) outbox.clear(); // it reads nothing more; its end is noticed elsewhere
  }

  function send(line: Buffer): void {
    const wasEmpty = outbox.isEmpty;
    outbox.add(line);
    sentBytes += line.length;
    if (wasEmpty) flush(); // otherwise `flush` will be called
  }

  function isFull(): boolean {
    return outbox.count >= MAX_WAITING_MESSAGES || outbox.size >= MAX_WAITING_BYTES;
  }

  function sendDroppedCount(): void {
    if (dropped === 0 || isFull()) return;
    const count = dropped;
    dropped = 0;
    send(encodeMessage({ type: "lost", count }));
  }

  return {
    get owesReply() {
      return sentBytes - outbox.size < replyEnd;
    },
    awaitReply() {
      replyEnd = Number.POSITIVE_INFINITY;
    },
    reply(line) {
      replyEnd = sentBytes + line.length;
      send(line);
    },
    deliver(line) {
      sendDroppedCount();
      if (isFull()) dropped += 1;
      else send(line);
    },
    flush() {
      flush();
      sendDroppedCount();
    },
    stop() {
      outbox.clear();
      replyEnd = 0;
    },
  };
}
