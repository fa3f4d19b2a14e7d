/**
 * What a program says on stderr, line by line. It is read no faster than it is of use: one that floods waits in
 * its write, as before a slow terminal, and costs the master little.
 */
import { lineSplitter } from "./services/lines.ts";

/** Bytes that are read in a millisecond. */
const PACE = 250;

/** When the program has ended, what it has left running may keep its stderr open: so long (ms) it is still read. */
const LAST_WORDS = 100;

export interface Lines {
  /** The program has ended. Settles when its last words have been read. */
  end(): Promise<void>;
}

/** Reads `stream`, which it owns; `said` gets each line, one character a byte, of a very long one the beginning. */
export function readLines(
  stream: ReadableStream<Uint8Array>,
  said: (latin1: string) => void,
): Lines {
  const lines = lineSplitter(said, said);
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
      said(`stderr cannot be read: ${String(error)}`);
    }
    open = false;
  }

  return {
    async end() {
      await Promise.race([read, Bun.sleep(LAST_WORDS)]);
      lines.end();
      if (open) await reader.cancel();
    },
  };
}
