/**
 * The outputs of a process that another thread starts: that thread gets descriptors, which this one
 * reads.
 */
import { closeSync } from "node:fs";
import type { OutputPair } from "../os/output-pair.ts";
import type { ProcessOptions } from "./processes.ts";

export interface Outputs {
  /** The `stdio` to start the process with: with a descriptor in place of each "pipe". */
  readonly stdio: ProcessOptions["stdio"];
  /** The process was started. Returns what it prints, for each "pipe". */
  open(): ReadableStream<Uint8Array>[];
  /** To be called when the process was started, or could not be. */
  close(): void;
}

/** @throws what `makePair` throws; then nothing is left open */
export function createOutputs(stdio: ProcessOptions["stdio"], makePair: () => OutputPair): Outputs {
  const pairs: OutputPair[] = [];
  let areRead = false;

  function close(): void {
    for (const { readEnd, writeEnd } of pairs) {
      closeSync(writeEnd);
      if (!areRead) closeSync(readEnd);
    }
  }

  function descriptorFor(entry: ProcessOptions["stdio"][number]): typeof entry {
    if (entry !== "pipe") return entry;
    const pair = makePair();
    pairs.push(pair);
    return pair.writeEnd;
  }

  try {
    return {
      stdio: stdio.map(descriptorFor),
      open() {
        areRead = true;
        return pairs.map(({ readEnd }) => readAll(readEnd));
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Takes ownership of `fd`. Reads it only as fast as the stream is read. */
function readAll(fd: number): ReadableStream<Uint8Array> {
  const reader = Bun.file(fd).stream().getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
        closeSync(fd);
      },
      async cancel() {
        await reader.cancel();
        closeSync(fd);
      },
    },
    { highWaterMark: 0 },
  );
}
