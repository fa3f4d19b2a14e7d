/** How the bytes of a channel become lines. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { createLineBuffer, LineTooLong } from "../../../server/channel/line-buffer.ts";

const MAX_BYTES = 2500;

/**
 * Feeds the bytes in pieces of these lengths, and returns all lines; the last
 * piece is whatever is left.
 */
function readAll(bytes: Buffer, lengths: readonly number[]): string[] {
  const buffer = createLineBuffer(MAX_BYTES);
  const lines: string[] = [];
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const end = at + (lengths[i] ?? bytes.length);
    buffer.add(bytes.subarray(at, end));
    for (let line = buffer.next(); line !== null; line = buffer.next()) lines.push(line);
    at = end;
  }
  return lines;
}

const lengths = fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 50 });
const line = fc
  .string({ unit: "grapheme", maxLength: 200 })
  .map((text) => text.replaceAll("\n", ""));

test("lines come out as they went in, however they are split", () => {
  fc.assert(
    fc.property(fc.array(line), lengths, (lines, lengths) => {
      const bytes = Buffer.from(lines.map((one) => `${one}\n`).join("") + "incomplete");
      expect(readAll(bytes, lengths)).toEqual(lines);
    }),
  );
});

test("lines that were added before the last ones were taken come out in order", () => {
  const buffer = createLineBuffer(MAX_BYTES);
  for (const text of ["a\nb", "c\nd\n", "e\n"]) buffer.add(Buffer.from(text));
  expect([buffer.next(), buffer.next(), buffer.next(), buffer.next(), buffer.next()]).toEqual([
    "a",
    "bc",
    "d",
    "e",
    null,
  ]);
});

test("a line may have this many bytes and not one more, complete or not, in any split", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5 }),
      lengths,
      fc.boolean(),
      (more, lengths, isComplete) => {
        const text = "x".repeat(MAX_BYTES + more);
        const read = () => readAll(Buffer.from(isComplete ? `${text}\n` : text), lengths);
        if (more > 0) expect(read).toThrow(LineTooLong);
        else expect(read()).toEqual(isComplete ? [text] : []);
      },
    ),
  );
});
