/** How much is read from one child in a window of time. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  createReadQuota,
  MAX_BYTES_PER_WINDOW,
  MAX_MESSAGES_PER_WINDOW,
  WINDOW_MS,
} from "../../../server/channel/read-quota.ts";

test("whatever a child sends, no more is read in any time than its windows allow", () => {
  const step = fc.record({
    afterMs: fc.nat({ max: 2 * WINDOW_MS }),
    bytes: fc.nat({ max: 65_536 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 2000, size: "max" }), (steps) => {
      let nowMs = 0;
      const quota = createReadQuota(() => nowMs);
      let messages = 0;
      let total = 0;
      for (const { afterMs, bytes } of steps) {
        nowMs += afterMs % 5 === 0 ? afterMs : 0;
        const waitMs = quota.wait();
        expect(waitMs).toBeWithin(0, WINDOW_MS + 1);
        if (waitMs > 0) continue;
        quota.spend(1, bytes);
        messages += 1;
        total += bytes;
      }
      const windows = 2 + Math.floor(nowMs / WINDOW_MS);
      expect(messages).toBeLessThanOrEqual(windows * MAX_MESSAGES_PER_WINDOW);
      expect(total).toBeLessThanOrEqual(windows * (MAX_BYTES_PER_WINDOW + 65_536));
    }),
  );
});

test("a child that was stopped for too many messages goes on in the next window", () => {
  let nowMs = 1000;
  const quota = createReadQuota(() => nowMs);
  for (let i = 0; i < 2; i += 1) {
    quota.refill();
    for (let sent = 0; sent < MAX_MESSAGES_PER_WINDOW; sent += 1) {
      expect(quota.wait()).toBe(0);
      quota.spend(1, 10);
    }
    expect(quota.wait()).toBe(WINDOW_MS);
    nowMs += WINDOW_MS;
    expect(quota.wait()).toBe(0);
  }
});
