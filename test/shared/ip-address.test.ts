import { expect, test } from "bun:test";
import { isIP as nodeIsIP } from "node:net";
import fc from "fast-check";
import { isIP } from "../../shared/ip-address.ts";

test("addresses are told from other text", () => {
  for (const text of ["0.0.0.0", "127.0.0.1", "255.255.255.255"]) expect(isIP(text)).toBe(4);
  for (const text of ["::", "::1", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "fe80::1%eth0"]) {
    expect(isIP(text)).toBe(6);
  }
  for (const text of ["", "256.0.0.1", "010.0.0.1", "1.2.3", " ::1", "::1\n", "1::2::3", "[::1]"]) {
    expect([text, isIP(text)]).toEqual([text, 0]);
  }
});

test("it is what Node's own function says of any text that looks like an address", () => {
  const parts = fc.constantFrom(
    "0",
    "1",
    "25",
    "255",
    "256",
    "00",
    "ffff",
    "g",
    ":",
    "::",
    ".",
    "%",
  );
  const pieces = fc.array(parts, { maxLength: 16 }).map((all) => all.join(""));
  const v6 = fc.array(fc.constantFrom("0", "a1", "ffff", "", "1.2.3.4"), { maxLength: 9 });
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    pieces,
    v6.map((all) => all.join(":")),
    fc.string(),
  );
  fc.assert(
    fc.property(text, (one) => {
      expect(isIP(one)).toBe(nodeIsIP(one) as 0 | 4 | 6);
    }),
    { numRuns: 2000 },
  );
});
