/** Lines in text that comes in any pieces. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { MAX_LINE_BYTES, createLineSplitter } from "../../../server/channel/lines.ts";

const EXCESS = Symbol("excess");

function split(pieces: readonly string[]): (string | symbol)[] {
  const found: (string | symbol)[] = [];
  const lines = createLineSplitter(
    (line) => found.push(line),
    () => found.push(EXCESS),
  );
  for (const piece of pieces) lines.take(piece);
  lines.end();
  return found;
}

/** Text in pieces. */
const pieces = fc.array(
  fc.string({ unit: fc.constantFrom("a", "b", "\r", "\n", "\0", "\xff"), maxLength: 12 }),
);

test("an ending is LF, CR, CR LF or CR NUL", () => {
  expect(split(["a\nb\rc\r\nd\r\0e"])).toEqual(["a", "b", "c", "d", "e"]);
  expect(split(["\n\r\r\n"])).toEqual(["", "", ""]);
  expect(split(["a\0b\n\0"])).toEqual(["a\0b", "\0"]);
});

test("any split of a text yields the same lines as the whole text", () => {
  fc.assert(
    fc.property(pieces, (pieces) => {
      const text = pieces.join("");
      const expected = text.split(/\r\n|\r\0|\r|\n/);
      if (expected.at(-1) === "") expected.pop();
      expect(split(pieces)).toEqual(expected);
      expect(split([...text])).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});

test("a line over the limit is reported once, as soon as it is over, and the next one is taken", () => {
  const most = "x".repeat(MAX_LINE_BYTES);
  expect(split([`${most}\n`, "next\n"])).toEqual([most, "next"]);
  expect(split([most, "y", "z".repeat(100_000), "\nnext"])).toEqual([EXCESS, "next"]);
});
