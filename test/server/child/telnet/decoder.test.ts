import { expect, test } from "bun:test";
import fc from "fast-check";
import { createTelnetDecoder } from "../../../../server/child/telnet/decoder.ts";
import { splitAt, telnetInput } from "../inputs.ts";

/**
 * Returns what the decoder makes of these pieces: text, with a ⌚ (not latin1) for each timing mark.
 */
function decode(pieces: readonly string[]): string {
  let decoded = "";
  const decode = createTelnetDecoder(
    (latin1) => (decoded += latin1),
    () => (decoded += "⌚"),
  );
  for (const piece of pieces) decode(Buffer.from(piece, "latin1"));
  return decoded;
}

/** The same for the whole input at once: RFC 854 as a regular expression. */
function model(input: string): string {
  const command =
    /\xff(?:\xfa(?:[^\xff]|\xff[^\xf0])*(?:\xff\xf0|\xff?$)|[\xfb-\xfe](?:[^]|$)|[^\xfa-\xfe]|$)/g;
  return input.replace(command, (found) => {
    if (found === "\xff\xff") return "\xff";
    return found === "\xff\xfd\x06" ? "⌚" : "";
  });
}

test("any split of any input decodes to the text and the timing marks of RFC 854", () => {
  fc.assert(
    fc.property(telnetInput, fc.array(fc.nat()), (input, cuts) => {
      expect(decode(splitAt(input, cuts))).toBe(model(input));
    }),
    { numRuns: 2000 },
  );
});

test("text without IAC passes unchanged, every byte of it", () => {
  const all = Array.from({ length: 255 }, (_, byte) => String.fromCharCode(byte)).join("");
  expect(decode([all])).toBe(all);
});

for (const [what, input, decoded] of [
  ["IAC IAC is the byte 255", "a\xff\xffb", "a\xffb"],
  ["an option command has three bytes", "a\xff\xfb\x01b\xff\xfc\x02c\xff\xfe\x03d", "abcd"],
  ["any other command has two bytes", "a\xff\xf1b\xff\xf4c", "abc"],
  ["an option may have any number, 255 too", "a\xff\xfd\xffb", "ab"],
  ["a subnegotiation is skipped", "a\xff\xfa\x18\0xterm\xff\xf0b", "ab"],
  ["IAC IAC in a subnegotiation does not end it", "a\xff\xfa\x18\xff\xff\xf0x\xff\xf0b", "ab"],
  ["DO TIMING-MARK is a timing mark", "a\xff\xfd\x06b", "a⌚b"],
  ["WILL TIMING-MARK is no timing mark", "a\xff\xfb\x06b", "ab"],
  ["a subnegotiation that never ends is nothing", "a\xff\xfa\x18xterm", "a"],
] as const) {
  test(what, () => {
    expect(decode([input])).toBe(decoded);
    expect(decode([...input])).toBe(decoded);
  });
}
