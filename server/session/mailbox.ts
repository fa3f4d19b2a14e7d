/**
 * What the master sends to one child, bounded by what the child has not read yet, because unread messages may be
 * buffered in the master's memory.
 *
 * A child that was taken over may write and never read. So a message counts as read only when the child returns its
 * mark, a random number that it cannot guess. Of the replies to its requests at most one is unread: the child may
 * ask again when it has read the last one. Of other children's messages it may have `MAX_UNREAD_MESSAGES` and
 * `MAX_UNREAD_BYTES` unread; any more are dropped and counted, and the child is sent the count.
 */
import {
  type Marked,
  type MasterMessage,
  MAX_UNACKNOWLEDGED,
  type RoomReply,
} from "../channel/messages.ts";

export interface Mailbox {
  /**
   * The child makes a request; `after` is the mark of the last reply that it has read, null for none.
   * @returns false if its last request is not answered yet, or it has not read that reply
   */
  request(after: number | null): boolean;
  /** Sends the reply to the request. */
  reply(value: RoomReply): void;
  /** Sends a message of another child, or drops it if too much is unread. */
  deliver(outgoing: OutgoingMessage): void;
  /**
   * The child has read all messages up to the one with this mark.
   * @returns false if there is none, or it acknowledges too few at a time
   */
  acknowledge(mark: number): boolean;
}

/** A message, and its size in bytes as JSON with a mark. */
export interface OutgoingMessage {
  message: MasterMessage;
  bytes: number;
}

/**
 * How many messages a child may have unread. On a busy machine a child that does keep up needs a second for a burst
 * from fifty others.
 */
export const MAX_UNREAD_MESSAGES = 1000;

/** More than `MAX_UNACKNOWLEDGED` of the longest messages, so that a child that keeps up never loses one. */
export const MAX_UNREAD_BYTES = 500_000;

const MAX_MARK_BYTES = ',"mark":4294967295'.length;

/** Measures a message once, however many children it is for. */
export function measureMessage(message: MasterMessage): OutgoingMessage {
  return { message, bytes: Buffer.byteLength(JSON.stringify(message)) + MAX_MARK_BYTES };
}

/** `send` passes a message to the child. If it throws, `onFailed` is called once, and nothing more is sent. */
export function createMailbox(
  send: (message: Marked<MasterMessage>) => void,
  onFailed: (error: unknown) => void,
): Mailbox {
  const unread = createUnreadQueue();
  let dropped = 0;
  let isAwaitingReply = false;
  let lastReplyMark: number | null = null;
  let hasFailed = false;

  /** Returns the mark. A failure must not keep the message from other children. */
  function trySend(message: MasterMessage): number {
    const mark = randomMark();
    if (hasFailed) return mark;
    try {
      send({ ...message, mark });
    } catch (error) {
      hasFailed = true;
      onFailed(error);
    }
    return mark;
  }

  function sendCounted(outgoing: OutgoingMessage): void {
    unread.add(trySend(outgoing.message), outgoing.bytes);
  }

  function sendDroppedCount(): void {
    if (dropped === 0 || unread.isFull()) return;
    sendCounted(measureMessage({ type: "lost", count: dropped }));
    dropped = 0;
  }

  return {
    request(after) {
      if (isAwaitingReply || after !== lastReplyMark) return false;
      isAwaitingReply = true;
      return true;
    },
    reply(value) {
      isAwaitingReply = false;
      lastReplyMark = trySend({ type: "reply", value });
    },
    deliver(outgoing) {
      if (unread.isFull()) {
        dropped += 1;
        return;
      }
      sendDroppedCount();
      sendCounted(outgoing);
    },
    acknowledge(mark) {
      if (!unread.removeUpTo(mark)) return false;
      sendDroppedCount();
      return true;
    },
  };
}

/** The messages that a child has not acknowledged, in the order in which they were sent. */
function createUnreadQueue() {
  const queue: { mark: number; bytes: number }[] = [];
  let totalBytes = 0;

  return {
    isFull: () => queue.length >= MAX_UNREAD_MESSAGES || totalBytes >= MAX_UNREAD_BYTES,
    add(mark: number, bytes: number): void {
      queue.push({ mark, bytes });
      totalBytes += bytes;
    },
    /** Removes the message with this mark and all before it. @returns false if these are too few, or it is unknown */
    removeUpTo(mark: number): boolean {
      const count = queue.findIndex((message) => message.mark === mark) + 1;
      // So the child sends few acknowledgements compared with what others had to send to it.
      if (count < MAX_UNACKNOWLEDGED) return false;
      for (const { bytes } of queue.splice(0, count)) totalBytes -= bytes;
      return true;
    },
  };
}

function randomMark(): number {
  const [mark = 0] = crypto.getRandomValues(new Uint32Array(1));
  return mark;
}
