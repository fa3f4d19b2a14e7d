/** Lines that a child, or what it runs, prints in the server's log. */
import {
  type ChildMessage,
  MAX_ERROR_CHARS,
  MAX_PRINTED_LINE_CHARS,
  MAX_PRINTED_LINES,
} from "./messages.ts";
import { createPace } from "./pace.ts";

export interface Printer {
  /** Prints a line, one character per byte, now or soon. Of a flood it prints some, and the number of the others. */
  print(line: string): void;
  /** Reports an error that the service threw. Only the first is reported; the others are counted. */
  fail(error: string): void;
  /** Sends the lines that were not sent yet. */
  sendLines(): void;
  /** The same, and the number of errors that were not reported: the process ends. */
  flush(): void;
}

export function createPrinter(send: (message: ChildMessage) => void): Printer {
  let lines: string[] = [];
  let unlisted = 0;
  let failures = 0;
  const pace = createPace(sendLines);

  function sendLines(): void {
    if (lines.length === 0) return;
    const message: ChildMessage = { type: "printed", lines, unlisted };
    lines = [];
    unlisted = 0;
    send(message);
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

/** Returns text as a printer takes it: one character for each byte of its UTF-8. */
export function utf8AsLatin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}
