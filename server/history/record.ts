/**
 * Takes what is logged off the master's hot path, to be written a quarter of a second later: a master that is
 * killed loses no more of its history. What cannot be written waits, as long as there is room.
 */
import { asError } from "../../shared/as-error.ts";
import type { LogEntry } from "../../shared/log.ts";
import { operatorOf } from "./write.ts";

/** How long (ms) entries are collected for one batch. */
const COLLECT = 250;

/** Entries of one batch at the most. */
const MOST_TOGETHER = 1000;

/** Pause (ms) before a batch that could not be written is tried again. */
const RETRY = 1000;

/** A keeper that is silent for so long (ms) is told of: a disk hangs. */
const SILENCE = 5000;

/** Characters that wait to be written at the most; usual are 1,000 for a session. */
const MOST_WAITING = 16_000_000;

interface Batch {
  json: string;
  entries: number;
  /** What operators did is in it: it is the last to be dropped. */
  hasDeeds: boolean;
}

export interface Recorder {
  take(entry: LogEntry): void;
  /** Nothing is taken any more. Settles when all is written that can be, with how many entries cannot. */
  end(): Promise<number>;
  /** Nothing waits to be written. */
  isEmpty(): boolean;
}

export interface RecordSink {
  /** Rejects if it could not be written. */
  write(json: string): Promise<void>;
  /** So many entries were dropped, and what came after them is written by now. */
  dropped(entries: number): void;
  /** Why nothing is written; null when it is. */
  trouble(why: string | null): void;
}

export function createRecorder(out: RecordSink): Recorder {
  let taken: LogEntry[] = [];
  const batches: Batch[] = [];
  let size = 0;
  let dropped = 0;
  let timer: Timer | null = null;
  let writing: Promise<void> | null = null;
  let over = false;

  function take(entry: LogEntry): void {
    if (over || !isKept(entry)) return;
    taken.push(entry);
    timer ??= setTimeout(collected, COLLECT);
  }

  function collected(): void {
    timer = null;
    pack();
    writing ??= writeAll();
  }

  function pack(): void {
    for (let from = 0; from < taken.length; from += MOST_TOGETHER) {
      const entries = taken.slice(from, from + MOST_TOGETHER);
      const json = JSON.stringify(entries);
      const hasDeeds = entries.some(({ event }) => operatorOf(event) !== null);
      batches.push({ json, entries: entries.length, hasDeeds });
      size += json.length;
    }
    taken = [];
    while (size > MOST_WAITING) drop();
  }

  /** The oldest goes: what came last is wanted most. */
  function drop(): void {
    const oldest = batches.findIndex(({ hasDeeds }) => !hasDeeds);
    const [batch] = batches.splice(Math.max(oldest, 0), 1);
    size -= batch?.json.length ?? 0;
    dropped += batch?.entries ?? 0;
  }

  async function writeAll(): Promise<void> {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      size -= batch.json.length;
      if (await isWritten(batch)) continue;
      batches.unshift(batch);
      size += batch.json.length;
      if (!over) timer ??= setTimeout(collected, RETRY);
      break;
    }
    writing = null;
    if (batches.length > 0 || dropped === 0) return;
    out.dropped(dropped);
    dropped = 0;
  }

  async function isWritten({ json }: Batch): Promise<boolean> {
    const silence = setTimeout(() => out.trouble("the disk does not answer"), SILENCE);
    silence.unref();
    try {
      await out.write(json);
      out.trouble(null);
      return true;
    } catch (error) {
      out.trouble(asError(error).message);
      return false;
    } finally {
      clearTimeout(silence);
    }
  }

  return {
    take,
    isEmpty: () => taken.length === 0 && batches.length === 0,
    async end() {
      over = true;
      if (timer !== null) clearTimeout(timer);
      pack();
      await writing;
      await writeAll();
      return dropped + batches.reduce((sum, { entries }) => sum + entries, 0);
    },
  };
}

/** What is of one session, or was done by an operator. Who was refused is counted elsewhere. */
function isKept({ event }: LogEntry): boolean {
  return "id" in event || operatorOf(event) !== null;
}
