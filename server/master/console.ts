/**
 * Prints lines and never waits for whoever reads them. A terminal stopped with Ctrl-S or a pipe that
 * nobody reads holds up one write, in a thread of Bun's pool, and behind it a bounded number of lines.
 */
import { write } from "node:fs";

/**
 * How much text (in characters) may wait to be written; lines that come then are dropped. 300 clients
 * that flood it bring 4 MB before a file has taken what came before.
 */
const MOST_WAITING = 8_000_000;

/** Pause (ms) before a descriptor that takes nothing now is tried again: nothing tells when it will. */
const RETRY = 20;

/** How long (ms) lines are collected: just now a child is about to answer, and needs the processors. */
const PAUSE = 2;

/** How long (ms) the end of the server waits for a reader. */
const LONGEST_FLUSH = 1000;

export interface LinePrinter {
  /** Takes a whole line without its ending. */
  print(line: string): void;
  /** Settles with true when all is written, or nobody is there to read it; with false if it takes too long. */
  flush(): Promise<boolean>;
}

/**
 * Prints on `fd` until its reader closes it, as `| head` does: that must not end the server, what is
 * logged is still on the page. After a gap `missed` is told how many lines were dropped, at the moment
 * when what it prints itself takes their place.
 */
export function createLinePrinter(
  fd: number,
  missed: (lines: number) => void = () => {},
): LinePrinter {
  let waiting: string[] = [];
  let size = 0;
  let dropped = 0;
  let open = true;
  let writing: Promise<void> | undefined;

  function print(line: string): void {
    if (!open) return;
    // Once one is dropped all are: a short line that still fits would stand before the gap.
    if (dropped > 0 || size > MOST_WAITING) {
      dropped += 1;
      return;
    }
    waiting.push(line);
    size += line.length;
    writing ??= Bun.sleep(PAUSE).then(writeWaiting);
  }

  async function writeWaiting(): Promise<void> {
    while (open && waiting.length > 0) {
      const text = Buffer.from(`${waiting.join("\n")}\n`);
      waiting = [];
      size = 0;
      if (dropped > 0) {
        const lines = dropped;
        dropped = 0;
        missed(lines);
      }
      open = await writeAll(fd, text);
    }
    waiting = [];
    writing = undefined;
  }

  async function flush(): Promise<boolean> {
    // The write under way keeps the process, the clock must not.
    const late = new Promise<false>((resolve) => setTimeout(resolve, LONGEST_FLUSH, false).unref());
    return Promise.race([late, Promise.resolve(writing).then(() => true)]);
  }

  return { print, flush };
}

/** Gives false if nobody can read it any more. */
async function writeAll(fd: number, text: Buffer): Promise<boolean> {
  let rest = text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(await writeSome(fd, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE" || code === "EIO" || code === "EBADF") return false;
      await Bun.sleep(RETRY); // EAGAIN, or a disk that is full
    }
  }
  return true;
}

function writeSome(fd: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, (error, written) => (error === null ? resolve(written) : reject(error)));
  });
}
