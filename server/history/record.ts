/**
 * Takes log entries off the master's hot path and writes them in batches, a quarter of a second
 * later: a master that is killed loses no more of its history than that. What cannot be written
 * waits while there is room.
 */
import { asError } from "../../shared/as-error.ts";
import type { LogEntry } from "../../shared/log.ts";
import { type Batch, createBatchQueue } from "./batch-queue.ts";
import { operatorOf } from "./write.ts";

/** Entries are collected for this long before they are written together. */
const COLLECT_MS = 250;

/** After a batch could not be written. */
const RETRY_INTERVAL_MS = 1000;

/** A write that takes longer is reported: the disk hangs. */
const SLOW_WRITE_MS = 5000;

export interface Recorder {
  /** Takes an entry to be written. Does nothing once `end` was called. */
  take(entry: LogEntry): void;
  /** Writes what can be written. Resolves to the number of entries that were lost. */
  end(): Promise<number>;
  /** Nothing waits to be written. */
  isEmpty(): boolean;
}

export interface RecordSink {
  /** Rejects if the batch could not be written. */
  write(json: string): Promise<void>;
  /** Called with the number of dropped entries, once all later ones are written. */
  onDropped(entries: number): void;
  /** Called with the reason why nothing can be written; with null after each batch that was. */
  onProblem(reason: string | null): void;
}

export function createRecorder(sink: RecordSink): Recorder {
  const queue = createBatchQueue();
  let collected: LogEntry[] = [];
  let timer: Timer | null = null;
  let writing: Promise<void> | null = null;
  let isEnding = false;

  function enqueueCollected(): void {
    queue.add(collected);
    collected = [];
  }

  function onTimer(): void {
    timer = null;
    enqueueCollected();
    writing ??= writeAll();
  }

  async function writeAll(): Promise<void> {
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      if (await tryWrite(sink, batch)) continue;
      queue.unshift(batch);
      if (!isEnding) timer ??= setTimeout(onTimer, RETRY_INTERVAL_MS);
      break;
    }
    writing = null;
    if (!queue.isEmpty()) return;
    const dropped = queue.takeDropped();
    if (dropped > 0) sink.onDropped(dropped);
  }

  return {
    take(entry) {
      if (isEnding || !isStored(entry)) return;
      collected.push(entry);
      timer ??= setTimeout(onTimer, COLLECT_MS);
    },
    isEmpty: () => collected.length === 0 && queue.isEmpty(),
    async end() {
      isEnding = true;
      if (timer !== null) clearTimeout(timer);
      enqueueCollected();
      await writing;
      await writeAll();
      return queue.takeDropped() + queue.entries();
    },
  };
}

/** Returns false if the batch could not be written, for a reason that it reports. */
async function tryWrite(sink: RecordSink, { json }: Batch): Promise<boolean> {
  const slow = setTimeout(() => sink.onProblem("the disk does not answer"), SLOW_WRITE_MS);
  slow.unref();
  try {
    await sink.write(json);
    sink.onProblem(null);
    return true;
  } catch (error) {
    sink.onProblem(asError(error).message);
    return false;
  } finally {
    clearTimeout(slow);
  }
}

/**
 * Stores entries about a session, and what operators did. Refused clients are counted elsewhere.
 */
function isStored({ event }: LogEntry): boolean {
  return "id" in event || operatorOf(event) !== null;
}
