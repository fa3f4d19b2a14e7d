/**
 * Turns what a client sends into calls of its service's handlers. While many of them wait for their
 * turn, nothing more is read from the client.
 */
import { MAX_LINE_BYTES, createLineSplitter } from "../../channel/lines.ts";
import { clean } from "../../service.ts";
import { createTelnetDecoder, WONT_TIMING_MARK } from "../telnet/decoder.ts";
import type { Connection } from "./byte-service.ts";
import type { HandlerQueue } from "./handler-queue.ts";

/** Bytes or lines, whichever the service takes. */
export interface InputFormat {
  /** Bytes to take at a time. */
  sliceBytes: number;
  take(bytes: Buffer): void;
  /** The client sends nothing more. */
  end(): void;
}

export interface HostedInput {
  receive(bytes: Buffer): void;
  /** The client sends nothing more; `then` is called when all of its input has been taken. */
  end(then: () => void): void;
  /** Takes more of the input if there is room in the queue. */
  readMore(): void;
}

/** Calls that may wait for their turn before the connection is paused. */
const MAX_QUEUED_CALLS = 64;

/** Each byte may be a line, and Bun reads up to 512 kB at once. */
const TEXT_SLICE_BYTES = 1024;

const NOTHING: Buffer = Buffer.alloc(0);

export function createHostedInput(
  format: InputFormat,
  queue: HandlerQueue,
  connection: Connection,
): HostedInput {
  let unread = NOTHING;
  let onEnd: (() => void) | null = null;

  function readMore(): void {
    while (unread.length > 0 && queue.length < MAX_QUEUED_CALLS) {
      const slice = unread.subarray(0, format.sliceBytes);
      unread = unread.subarray(format.sliceBytes);
      format.take(slice);
    }
    if (unread.length > 0) return connection.pause();
    connection.resume();
    if (onEnd === null) return;
    format.end();
    onEnd();
    onEnd = null;
  }

  return {
    receive(bytes) {
      unread = Buffer.concat([unread, bytes]);
      readMore();
    },
    end(then) {
      onEnd = then;
      readMore();
    },
    readMore,
  };
}

/** Text over telnet: `onLine` takes each line, as `clean` text without its line ending. */
export function textFormat(onLine: (line: string) => void, connection: Connection): InputFormat {
  const lines = createLineSplitter(
    (latin1) => onLine(clean(Buffer.from(latin1, "latin1").toString())),
    () => connection.send(Buffer.from(`line too long: at most ${MAX_LINE_BYTES} bytes\r\n`)),
  );
  let marks = "";
  const decode = createTelnetDecoder(lines.take, () => (marks += WONT_TIMING_MARK));

  return {
    sliceBytes: TEXT_SLICE_BYTES,
    take(bytes) {
      marks = "";
      decode(bytes);
      if (marks !== "") connection.send(Buffer.from(marks, "latin1"));
    },
    end: lines.end,
  };
}

/** Bytes as they are received; `onBytes` owns them. */
export function bytesFormat(onBytes: (bytes: Uint8Array) => void): InputFormat {
  return {
    sliceBytes: Number.POSITIVE_INFINITY,
    take: (bytes) => onBytes(Uint8Array.from(bytes)),
    end() {},
  };
}
