/**
 * What these commands print. Anything from a server may hold control characters that attack a
 * terminal. An honest server has escaped them; this does not rely on it.
 */
import { errorCode } from "../../../shared/error-code.ts";
import { escapeAgain } from "../../../shared/escape.ts";

/** Characters that are valid in JSON but must not reach a terminal. */
const UNSAFE = /[\x7f-\x9f\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

export function printLines(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${escapeAgain(line)}\n`).join(""));
}

/** Prints an error message, on one line. */
export function printError(message: string): void {
  process.stderr.write(`brood: ${escapeAgain(message)}\n`);
}

/** Prints a JSON array with one element per line. */
export function printList(list: readonly unknown[]): void {
  const lines = list.map(jsonText).join(",\n ");
  process.stdout.write(`[${lines}]\n`);
}

/** Prints a value as JSON, on one line. */
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

/** Returns the width of the terminal that stdout is, in columns; null if it is not one. */
export function terminalWidth(): number | null {
  return process.stdout.isTTY ? process.stdout.columns || null : null;
}

/** Ends this process quietly once the reader of its output has gone, as with `| head`. */
export function exitOnClosedPipe(): void {
  process.stdout.on("error", (error: Error) => {
    if (errorCode(error) !== "EPIPE") throw error;
    process.exit();
  });
}
