/** Batches of log entries that wait to be written: in order, and bounded in size. */
import type { LogEntry } from "../../shared/log.ts";
import { operatorOf } from "./write.ts";

export interface Batch {
  json: string;
  entries: number;
  /** It has what operators did, so it is dropped last. */
  hasOperatorActions: boolean;
}

export interface BatchQueue {
  /** Adds entries, in as many batches as they need. Drops old batches if there are too many. */
  add(entries: readonly LogEntry[]): void;
  /** Removes and returns the first batch. */
  shift(): Batch | undefined;
  /** Puts back a batch that could not be written. */
  unshift(batch: Batch): void;
  isEmpty(): boolean;
  /** Returns how many entries wait. */
  entries(): number;
  /** Returns how many entries were dropped since the last call. */
  takeDropped(): number;
}

const MAX_BATCH_ENTRIES = 1000;

/** In all batches together. A session usually has 1,000. */
const MAX_QUEUED_CHARS = 16_000_000;

export function createBatchQueue(): BatchQueue {
  const batches: Batch[] = [];
  let chars = 0;
  let dropped = 0;

  /** Drops the oldest batch: the newest entries matter most. */
  function dropOne(): void {
    const oldest = batches.findIndex(({ hasOperatorActions }) => !hasOperatorActions);
    const [batch] = batches.splice(Math.max(oldest, 0), 1);
    chars -= batch?.json.length ?? 0;
    dropped += batch?.entries ?? 0;
  }

  return {
    add(entries) {
      for (let from = 0; from < entries.length; from += MAX_BATCH_ENTRIES) {
        const batch = toBatch(entries.slice(from, from + MAX_BATCH_ENTRIES));
        batches.push(batch);
        chars += batch.json.length;
      }
      while (chars > MAX_QUEUED_CHARS) dropOne();
    },
    shift() {
      const batch = batches.shift();
      chars -= batch?.json.length ?? 0;
      return batch;
    },
    unshift(batch) {
      batches.unshift(batch);
      chars += batch.json.length;
    },
    isEmpty: () => batches.length === 0,
    entries: () => batches.reduce((sum, batch) => sum + batch.entries, 0),
    takeDropped() {
      const count = dropped;
      dropped = 0;
      return count;
    },
  };
}

function toBatch(entries: readonly LogEntry[]): Batch {
  return {
    json: JSON.stringify(entries),
    entries: entries.length,
    hasOperatorActions: entries.some(({ event }) => operatorOf(event) !== null),
  };
}
