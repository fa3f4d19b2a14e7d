/** Hostile text is made safe to show, whatever it is. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { escapeBytes, escapeText } from "../../shared/escape.ts";
import { UNSAFE } from "../server/child/inputs.ts";

const bytes = fc.uint8Array({ maxLength: 100 }).map((all) => Buffer.from(all).toString("latin1"));

/** Any UTF-16, including lone surrogates: a compromised child can send them. */
const units = fc
  .array(fc.nat(0xffff), { maxLength: 100 })
  .map((all) => String.fromCharCode(...all));

/**
 * Without U+FFFD, which is shown as its bytes: a decoder may have put it in place of broken ones.
 */
const safeText = fc
  .string({ unit: "grapheme" })
  .filter((text) => !/[\p{C}\p{Zl}\p{Zp}\\\ufffd]/u.test(text));

for (const [name, escape] of Object.entries({ escapeBytes, escapeText })) {
  test(`${name} leaves nothing unsafe, and no line break`, () => {
    fc.assert(
      fc.property(fc.oneof(bytes, units), (text) => {
        const escaped = escape(text);
        expect(escaped.replaceAll("\ufffd", "")).not.toMatch(UNSAFE);
        expect(escaped).not.toContain("\n");
        // A byte becomes at most four characters, a character at most ten.
        expect(escaped.length).toBeLessThanOrEqual(10 * text.length);
      }),
      { numRuns: 5000 },
    );
  });
}

test("text without anything unsafe is shown as itself", () => {
  fc.assert(
    fc.property(safeText, (text) => {
      expect(escapeBytes(Buffer.from(text).toString("latin1"))).toBe(text);
    }),
  );
});
