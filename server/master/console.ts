/**
 * Prints lines and never waits for their reader. A terminal stopped with Ctrl-S, or a
 * pipe that nobody reads, blocks one write in a thread of Bun's pool; a bounded number
 * of lines waits behind it.
 */
import { write } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";

/**
 * Characters that may wait to be written; lines beyond that are dropped. A flood from 300 clients
 * brings 4 MB before a file has taken what came before it.
 */
const MAX_WAITING_CHARACTERS = 8_000_000;

/**
 * Pause before a descriptor that takes nothing now is tried again: there is no event to wait for.
 */
const RETRY_INTERVAL_MS = 20;

/**
 * How long lines are collected before they are written: at this moment a
 * child needs the CPU, to reply.
 */
const COLLECT_MS = 2;

/** How long the end of the server may wait for a reader. */
const FLUSH_TIMEOUT_MS = 1000;

export interface LinePrinter {
  /** Takes a whole line without its newline. */
  print(line: string): void;
  /**
   * Resolves with true when all is written, or no reader is left; with
   * false if that takes too long.
   */
  flush(): Promise<boolean>;
  /**
   * Calls `listener` with the number of lines dropped, as soon as there is room again: what it
   * prints takes their place.
   */
  onDropped(listener: (lines: number) => void): void;
}

/**
 * Prints to `fd` until its reader closes it, as `| head` does. The server keeps running:
 * the page shows the log too.
 */
export function createLinePrinter(fd: number): LinePrinter {
  let waiting: string[] = [];
  let waitingCharacters = 0;
  let dropped = 0;
  let isOpen = true;
  let writing: Promise<void> | undefined;
  let reportDropped = (_lines: number) => {};

  async function writeWaiting(): Promise<void> {
    while (isOpen && waiting.length > 0) {
      const text = Buffer.from(`${waiting.join("\n")}\n`);
      waiting = [];
      waitingCharacters = 0;
      if (dropped > 0) {
        const lines = dropped;
        dropped = 0;
        reportDropped(lines);
      }
      isOpen = await writeAll(fd, text);
    }
    waiting = [];
    writing = undefined;
  }

  return {
    print(line) {
      if (!isOpen) return;
      // Once a line was dropped, so are the next ones: a short one that fits would
      // be printed before the gap.
      if (dropped > 0 || waitingCharacters > MAX_WAITING_CHARACTERS) {
        dropped += 1;
        return;
      }
      waiting.push(line);
      waitingCharacters += line.length;
      writing ??= Bun.sleep(COLLECT_MS).then(writeWaiting);
    },
    flush() {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      // A write under way keeps the process alive; the timer must not.
      setTimeout(resolve, FLUSH_TIMEOUT_MS, false).unref();
      void Promise.resolve(writing).then(() => resolve(true));
      return promise;
    },
    onDropped(listener) {
      reportDropped = listener;
    },
  };
}

/** Resolves with false if no reader is left. */
async function writeAll(fd: number, text: Buffer): Promise<boolean> {
  let rest = text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(await writeSome(fd, rest));
    } catch (error) {
      const code = errorCode(error);
      if (code === "EPIPE" || code === "EIO" || code === "EBADF") return false;
      await Bun.sleep(RETRY_INTERVAL_MS); // EAGAIN, or a full disk
    }
  }
  return true;
}

function writeSome(fd: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, (error, written) => (error === null ? resolve(written) : reject(error)));
  });
}
