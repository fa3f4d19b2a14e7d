/**
 * What a program or a module's child prints, line by line for the log. It is read slowly on
 * purpose: a process that floods its output blocks in its own write, as on a slow terminal,
 * and costs the master little.
 */
import { createLineSplitter } from "../channel/lines.ts";
import type { ChildMessage } from "../channel/messages.ts";
import { createPrinter } from "../channel/print.ts";

const MAX_READ_BYTES_PER_MS = 250;

/**
 * How long output is still read after the process has ended, since a process that it left running
 * may keep it open.
 */
const FINISH_TIMEOUT_MS = 100;

export interface Output {
  /**
   * To be called when the process has ended. Resolves when the last of its
   * output has been reported.
   */
  finish(): Promise<void>;
}

/**
 * Reads a process's output and reports it as a child reports what it prints itself: of a flood,
 * only some lines, and how many were left out. Takes ownership of the streams.
 */
export function readOutput(
  streams: readonly ReadableStream<Uint8Array>[],
  onMessage: (message: ChildMessage) => void,
): Output {
  const printer = createPrinter(onMessage);
  const finishAll = streams.map((stream) => readLines(stream, printer.print));
  return {
    async finish() {
      await Promise.all(finishAll.map((finish) => finish()));
      printer.flush();
    },
  };
}

/**
 * Calls `onLine` for each line, one character per byte; of a very long
 * line only with its beginning.
 * @returns the function that finishes reading
 */
function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (latin1: string) => void,
): () => Promise<void> {
  const lines = createLineSplitter(onLine, onLine);
  const reader = stream.getReader();
  let isOpen = true;

  async function readAll(): Promise<void> {
    try {
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
        lines.take(Buffer.from(chunk.value).toString("latin1"));
        const pauseMs = Math.floor(chunk.value.length / MAX_READ_BYTES_PER_MS);
        if (pauseMs > 0) await Bun.sleep(pauseMs);
      }
    } catch (error) {
      onLine(`its output cannot be read: ${String(error)}`);
    }
    isOpen = false;
  }

  const read = readAll();
  return async () => {
    await Promise.race([read, Bun.sleep(FINISH_TIMEOUT_MS)]);
    lines.end();
    if (isOpen) await reader.cancel();
  };
}
