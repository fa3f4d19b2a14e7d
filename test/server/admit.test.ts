import { expect, test } from "bun:test";
import { admit } from "../../server/admit.ts";

const LIMITS = { maxClients: 3, maxPerSource: 2 };

test("a client is admitted while there is room", () => {
  expect(admit([], "a", LIMITS)).toBeNull();
  expect(admit(["a"], "a", LIMITS)).toBeNull();
  expect(admit(["a", "a"], "b", LIMITS)).toBeNull();
});

test("a client too many from one address is refused", () => {
  expect(admit(["a", "a"], "a", LIMITS)).toBe("too many clients from this address");
});

test("a client too many is refused, whatever its address", () => {
  expect(admit(["a", "a", "b"], "b", LIMITS)).toBe("too many clients");
  expect(admit(["a", "a", "b"], "c", LIMITS)).toBe("too many clients");
});
