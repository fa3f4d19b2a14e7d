import { describe, expect, test } from "bun:test";
import { formatNetwork, isIn, parseNetwork, sourceOf } from "../../../server/options/source.ts";

const PREFIX = { v4: 32, v6: 64 };

describe("the source of an address", () => {
  for (const [address, prefix, source] of [
    ["192.0.2.7", PREFIX, "192.0.2.7"],
    ["192.0.2.7", { v4: 24, v6: 64 }, "192.0.2.0/24"],
    ["192.0.2.7", { v4: 0, v6: 64 }, "0.0.0.0/0"],
    ["192.0.2.7", { v4: 31, v6: 64 }, "192.0.2.6/31"],
    ["2001:db8:1:2:3:4:5:6", PREFIX, "2001:db8:1:2::/64"],
    ["2001:db8:1:2:ffff::1", PREFIX, "2001:db8:1:2::/64"],
    ["2001:db8:1:2::1", { v4: 32, v6: 128 }, "2001:db8:1:2::1"],
    ["fe80::1%eth0", PREFIX, "fe80::/64"],
  ] as const) {
    test(`${address} with /${prefix.v4} and /${prefix.v6} is ${source}`, () => {
      expect(sourceOf(address, prefix)).toBe(source);
    });
  }
});

describe("a network may be written as people write it", () => {
  for (const [text, network] of [
    ["192.0.2.0/24", "192.0.2.0/24"],
    ["192.0.2.7", "192.0.2.7/32"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:db8::/32", "2001:db8::/32"],
    ["::1", "::1/128"],
    ["::ffff:192.0.2.7", "192.0.2.7/32"],
  ] as const) {
    test(`${text} is ${network}`, () => {
      const parsed = parseNetwork(text);
      expect(parsed === null || parsed === "host bits" ? parsed : formatNetwork(parsed)).toBe(
        network,
      );
    });
  }

  for (const text of ["", "1", "10.1/16", "010.0.0.1", "0x7f.1", "10.0.0.0/33", "10.0.0.0/", "a"]) {
    test(`${JSON.stringify(text)} is not a network`, () => expect(parseNetwork(text)).toBeNull());
  }

  for (const text of ["192.0.2.1/24", "2001:db8::1/32"]) {
    test(`${text} has bits beyond its prefix`, () => expect(parseNetwork(text)).toBe("host bits"));
  }
});

test("an address is in a network of its own kind, mapped into IPv6 or not", () => {
  const networks = ["10.0.0.0/8", "fe80::/10"].map((text) => parseNetwork(text) as never);
  expect(isIn(networks, "10.1.2.3")).toBe(true);
  expect(isIn(networks, "::ffff:10.1.2.3")).toBe(true);
  expect(isIn(networks, "fe80::1%eth0")).toBe(true);
  expect(isIn(networks, "11.0.0.0")).toBe(false);
  expect(isIn([parseNetwork("::/0") as never], "10.1.2.3")).toBe(false);
  expect(isIn([], "10.1.2.3")).toBe(false);
});
