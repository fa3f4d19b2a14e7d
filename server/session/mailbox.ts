/**
 * What the master sends to one child, and what of it is still before it, which may be the master's to keep.
 *
 * A child that was taken over may write and never read. So it is believed to have read a message when it says
 * that one's mark, and not before: marks are drawn by lot, for each child its own. It may ask again when it
 * has read the last answer: of answers one is unread at the most. Of what others say it has so much before it
 * as `MOST_BEFORE` and `MOST_BYTES` allow; what would be more is left out, counted, and it is told how many.
 */
import {
  type RoomReply,
  MAX_UNACKNOWLEDGED,
  type Marked,
  type MasterMessage,
} from "../channel/messages.ts";

export interface Mailbox {
  /** The child asks, and has read the answer of this mark last; false if that cannot be. */
  ask(after: number | null): boolean;
  answer(value: RoomReply): void;
  /** Sends on what others say, or leaves it out. */
  pass(parcel: OutgoingMessage): void;
  /** The child has dealt with all that was passed on until this mark; false if that cannot be. */
  heard(mark: number): boolean;
}

/** A message for others, and its bytes on the way. */
export interface OutgoingMessage {
  message: MasterMessage;
  bytes: number;
}

/**
 * Messages that a child may have before it. On a busy machine a burst of words from fifty others takes a child
 * that does keep up a second.
 */
export const MAX_UNREAD_MESSAGES = 1000;

/** Bytes of them; more than `HEARD_TOGETHER` of the longest, so that one who keeps up is never behind. */
export const MAX_UNREAD_BYTES = 500_000;

/** Bytes of a mark in a message. */
const MARK = ',"mark":4294967295'.length;

/** Each of many gets the same: it is measured once. */
export function measureMessage(message: MasterMessage): OutgoingMessage {
  return { message, bytes: Buffer.byteLength(JSON.stringify(message)) + MARK };
}

/** `send` gives it to the child; when that throws, `broken` is told once, and nothing more is sent. */
export function createMailbox(
  send: (message: Marked<MasterMessage>) => void,
  broken: (error: unknown) => void,
): Mailbox {
  /** What it has not dealt with, in its order. */
  const before: { mark: number; bytes: number }[] = [];
  let bytes = 0;
  /** Messages that were left out since it was told so last. */
  let lost = 0;
  let asks = false;
  let lastAnswer: number | null = null;
  let isBroken = false;

  function isBehind(): boolean {
    return before.length >= MAX_UNREAD_MESSAGES || bytes >= MAX_UNREAD_BYTES;
  }

  function tellLost(): void {
    if (lost === 0 || isBehind()) return;
    tell(measureMessage({ type: "lost", count: lost }));
    lost = 0;
  }

  function tell(parcel: OutgoingMessage): void {
    bytes += parcel.bytes;
    before.push({ mark: trySend(parcel.message), bytes: parcel.bytes });
  }

  /** A child that cannot be told anything is no reason for the others not to be. Gives the mark. */
  function trySend(message: MasterMessage): number {
    const mark = drawMark();
    if (isBroken) return mark;
    try {
      send({ ...message, mark });
    } catch (error) {
      isBroken = true;
      broken(error);
    }
    return mark;
  }

  return {
    ask(after) {
      if (asks || after !== lastAnswer) return false;
      asks = true;
      return true;
    },
    answer(value) {
      asks = false;
      lastAnswer = trySend({ type: "answer", value });
    },
    pass(parcel) {
      if (isBehind()) {
        lost += 1;
        return;
      }
      tellLost();
      tell(parcel);
    },
    heard(mark) {
      const count = before.findIndex((one) => one.mark === mark) + 1;
      // So there are few of these beside what others had to send.
      if (count < MAX_UNACKNOWLEDGED) return false;
      for (const one of before.splice(0, count)) bytes -= one.bytes;
      tellLost();
      return true;
    },
  };
}

function drawMark(): number {
  const [mark = 0] = crypto.getRandomValues(new Uint32Array(1));
  return mark;
}
