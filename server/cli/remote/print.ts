/**
 * What these commands print. Whatever a server says is hostile to a terminal: it has escaped it, and here
 * that is seen to once more.
 */
import { errorCode } from "../../../shared/error-code.ts";
import { escapeAgain } from "../../../shared/escape.ts";

/** Characters that JSON may hold as they are, and a terminal should not get. */
const UNSAFE = /[\x7f-\x9f\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

export function printLines(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${escapeAgain(line)}\n`).join(""));
}

/** The same for what went wrong. */
export function printError(message: string): void {
  process.stderr.write(`brood: ${escapeAgain(message)}\n`);
}

/** A list, an element a line. */
export function printList(list: readonly unknown[]): void {
  const lines = list.map(jsonText).join(",\n ");
  process.stdout.write(`[${lines}]\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${jsonText(value)}\n`);
}

function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (char) =>
    Array.from(
      { length: char.length },
      (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

/** Columns of the terminal that is written to; null where it is none. */
export function terminalWidth(): number | null {
  return process.stdout.isTTY ? process.stdout.columns || null : null;
}

/** Whoever reads what we print may have seen enough, as `head` has: that is no failure. */
export function exitOnClosedPipe(): void {
  process.stdout.on("error", (error: Error) => {
    if (errorCode(error) !== "EPIPE") throw error;
    process.exit();
  });
}
