/**
 * What a program or a service's module prints, line by line for the log. It is read no faster than it is of use: one
 * that floods waits in its write, as before a slow terminal, and costs the master little.
 */
import type { ChildMessage } from "../channel/messages.ts";
import { createReporter } from "../channel/report.ts";
import { createLineSplitter } from "../channel/lines.ts";

/** Bytes that are read in a millisecond. */
const PACE = 250;

/** When the process has ended, what it has left running may still hold its output: so long (ms) it is read. */
const LAST_WORDS = 100;

export interface Output {
  /** The process has ended. Settles when its last words have been told. */
  end(): Promise<void>;
}

/**
 * Reads what comes out of a process, whose streams it owns, and tells it as a child does by itself: of very much a
 * part, and how much more there was.
 */
export function readOutput(
  streams: readonly ReadableStream<Uint8Array>[],
  tell: (message: ChildMessage) => void,
): Output {
  const report = createReporter(tell);
  const ends = streams.map((stream) => readLines(stream, report.said));
  return {
    async end() {
      await Promise.all(ends.map((end) => end()));
      report.flush();
    },
  };
}

/** `said` gets each line, one character a byte, of a very long one the beginning; gives what ends it. */
function readLines(
  stream: ReadableStream<Uint8Array>,
  said: (latin1: string) => void,
): () => Promise<void> {
  const lines = createLineSplitter(said, said);
  const reader = stream.getReader();
  let open = true;
  const read = readAll();

  async function readAll(): Promise<void> {
    try {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        lines.take(Buffer.from(piece.value).toString("latin1"));
        const pause = Math.floor(piece.value.length / PACE);
        if (pause > 0) await Bun.sleep(pause);
      }
    } catch (error) {
      said(`its output cannot be read: ${String(error)}`);
    }
    open = false;
  }

  return async () => {
    await Promise.race([read, Bun.sleep(LAST_WORDS)]);
    lines.end();
    if (open) await reader.cancel();
  };
}
