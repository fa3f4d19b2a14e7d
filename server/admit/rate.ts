/**
 * How often a source may come: a token bucket, written as the time at which it is full again (the
 * generic cell rate algorithm). A bucket heals by waiting, and needs no timer for it.
 */
import { createExpiryMap } from "./expiry-map.ts";
import type { Rate } from "../options/parse.ts";

export interface RateLimit {
  /** Milliseconds until a client of this source may come; 0 or less: now. */
  tooSoon(source: string, rate: Rate | null, now: number): number;
  /** A client of this source has come. */
  count(source: string, rate: Rate | null, now: number): void;
}

export function createRateLimit(): RateLimit {
  const fullAt = createExpiryMap();
  return {
    tooSoon(source, rate, now) {
      if (rate === null) return 0;
      // What was counted under another rate, before HUP, weighs no more than all of this one.
      const missing = Math.min(fullAt.get(source) - now, rate.per);
      return missing - (rate.per - rate.per / rate.count);
    },
    count(source, rate, now) {
      if (rate === null) return;
      const full = Math.max(fullAt.get(source), now) + rate.per / rate.count;
      fullAt.set(source, Math.min(full, now + rate.per), now);
    },
  };
}
