import { expect, test } from "bun:test";
import fc from "fast-check";
import { takeTokens, waitForTokens } from "../../shared/token-bucket.ts";

const BUCKET = { capacity: 3, refillMs: 20 };

test("a full bucket holds its capacity, then one token comes back in each interval", () => {
  let fullAtMs = 0;
  for (let i = 0; i < 3; i += 1) {
    expect(waitForTokens(BUCKET, fullAtMs, 1000)).toBeLessThanOrEqual(0);
    fullAtMs = takeTokens(BUCKET, fullAtMs, 1000);
  }
  expect(waitForTokens(BUCKET, fullAtMs, 1000)).toBe(20);
  expect(waitForTokens(BUCKET, fullAtMs, 1000, 2)).toBe(40);
  expect(waitForTokens(BUCKET, fullAtMs, 1020)).toBe(0);
  expect(waitForTokens(BUCKET, fullAtMs, 9000, 3)).toBeLessThanOrEqual(0);
});

test("more tokens than a full bucket holds can never be taken", () => {
  expect(waitForTokens(BUCKET, 0, 1e9, 4)).toBeGreaterThan(0);
});

test("a time set for a larger bucket counts as an empty bucket of this size", () => {
  expect(waitForTokens(BUCKET, 1e9, 1000)).toBe(20);
  expect(takeTokens(BUCKET, 1e9, 1000)).toBe(1060);
});

test("it grants what counting tokens grants, whatever is asked for and when", () => {
  const asks = fc.array(fc.record({ afterMs: fc.nat(50), count: fc.integer({ min: 1, max: 4 }) }));
  fc.assert(
    fc.property(asks, (asks) => {
      let fullAtMs = 0;
      let nowMs = 0;
      let units = 3 * 20; // a token is 20 units, so that counting is exact
      for (const { afterMs, count } of asks) {
        nowMs += afterMs;
        units = Math.min(3 * 20, units + afterMs);
        const granted = waitForTokens(BUCKET, fullAtMs, nowMs, count) <= 0;
        expect(granted).toBe(units >= count * 20);
        if (!granted) continue;
        fullAtMs = takeTokens(BUCKET, fullAtMs, nowMs, count);
        units -= count * 20;
      }
    }),
  );
});
