/** Lines that a child, or what it runs, prints in the server's log. */
import {
  type ChildMessage,
  MAX_ERROR_CHARS,
  MAX_PRINTED_CHARS,
  MAX_PRINTED_LINE_CHARS,
  MAX_PRINTED_LINES,
} from "./messages.ts";
import { createPace } from "./pace.ts";

export interface Printer {
  /**
   * Prints a line, one character per byte, now or soon. Of a flood it prints only some, and how
   * many it left out.
   */
  print(line: string): void;
  /**
   * Reports an error that the service threw. Only the first is reported; the others are counted.
   */
  fail(error: string): void;
  /** Sends the lines that were not sent yet. */
  sendLines(): void;
  /** As `sendLines`, and sends the number of errors that were not reported: the process ends. */
  flush(): void;
}

export function createPrinter(
  send: (message: ChildMessage) => void,
  isBehind: () => boolean = () => false,
): Printer {
  let lines: string[] = [];
  let unlisted = 0;
  let failures = 0;
  const pace = createPace(sendLines, isBehind);

  /** In as many messages as their length requires. */
  function sendLines(): void {
    if (lines.length === 0) return;
    const parts = splitLines(lines);
    const last = parts.length - 1;
    parts.forEach((part, i) => {
      send({ type: "printed", lines: part, unlisted: i === last ? unlisted : 0 });
    });
    lines = [];
    unlisted = 0;
  }

  return {
    print(line) {
      if (lines.length < MAX_PRINTED_LINES) lines.push(line.slice(0, MAX_PRINTED_LINE_CHARS));
      else unlisted += 1;
      pace.schedule();
    },
    fail(error) {
      failures += 1;
      if (failures === 1) send({ type: "failed", error: error.slice(0, MAX_ERROR_CHARS) });
    },
    sendLines,
    flush() {
      sendLines();
      if (failures <= 1) return;
      lines.push(`${failures - 1} more errors were thrown after the first`);
      failures = 1;
      sendLines();
    },
  };
}

/** Returns the lines in order, in parts of at most `MAX_PRINTED_CHARS` each. */
function splitLines(lines: readonly string[]): string[][] {
  const parts: string[][] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    chars += line.length;
    if (chars > MAX_PRINTED_CHARS) {
      parts.push([]);
      chars = line.length;
    }
    parts.at(-1)?.push(line);
  }
  return parts;
}

/** Returns text as a printer takes it: one character for each byte of its UTF-8. */
export function utf8AsLatin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}
