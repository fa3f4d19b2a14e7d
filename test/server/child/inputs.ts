/** What clients may send, for fast-check: latin1 strings, one character per byte. */
import fc from "fast-check";

/**
 * What no client may show on a terminal: controls other than newline, and
 * what reorders or hides text.
 */
export const UNSAFE = /[^\P{C}\n]|[\p{Zl}\p{Zp}\ufffd]/u;

const raw = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString("latin1"));

const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("time", "quit", "timequit", "timetime", "quittime") },
  { weight: 2, arbitrary: fc.constantFrom("t", "ti", "tim", "qu", "timing", "titime", "TIME") },
  { weight: 1, arbitrary: fc.constantFrom("hello", " time", "time ", "x", "\x1b]0;x\x07") },
  // Around the limit of a line.
  { weight: 1, arbitrary: fc.nat(8).map((more) => "x".repeat(4090 + more)) },
);

const ending = fc.constantFrom("", "", "\n", "\r\n", "\r", "\r\0", "\n\n", "\n\r");

/** Lines for the time service, with telnet's commands by chance only. */
export const serviceInput: fc.Arbitrary<string> = sequence(word, ending, raw);

const command = fc.oneof(
  fc.constantFrom("\xff\xff", "\xff\xf1", "\xff\xf4\xff\xfd\x06", "\xff\xfd\x06", "\xff\xfb\x06"),
  fc
    .tuple(fc.constantFrom("\xfb", "\xfc", "\xfd", "\xfe"), fc.integer({ min: 0, max: 255 }))
    .map(([verb, option]) => `\xff${verb}${String.fromCharCode(option)}`),
  raw.map((text) => `\xff\xfa${text}\xff\xf0`),
  // Incomplete, or not telnet at all.
  fc.constantFrom("\xff", "\xff\xfb", "\xff\xfa", "\xff\xfa\x18\xff", "\xf0", "\xff\xf0"),
);

/** The same, with telnet's commands anywhere in it. */
export const telnetInput: fc.Arbitrary<string> = sequence(word, ending, raw, command, command);

function sequence(...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.array(fc.oneof(...parts), { maxLength: 20 }).map((all) => all.join(""));
}

/** Cuts the input at any places. */
export function splitAt(input: string, cuts: readonly number[]): string[] {
  const places = cuts.map((cut) => cut % (input.length + 1)).sort((a, b) => a - b);
  const starts = [0, ...places];
  return starts.map((start, index) => input.slice(start, starts[index + 1]));
}
