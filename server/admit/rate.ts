/** How often clients may come from one source: a token bucket for each. */
import { type TokenBucket, takeTokens, waitForTokens } from "../../shared/token-bucket.ts";
import { createExpiryMap } from "./expiry-map.ts";
import type { Rate } from "../options/parse.ts";

export interface RateLimit {
  /** Returns the time (ms) until this source may send another client; 0 or less: now. */
  tooSoon(source: string, rate: Rate | null, now: number): number;
  /** Counts a client that came from this source. */
  count(source: string, rate: Rate | null, now: number): void;
}

export function createRateLimit(): RateLimit {
  const fullAt = createExpiryMap();
  return {
    tooSoon(source, rate, now) {
      return rate === null ? 0 : waitForTokens(bucketOf(rate), fullAt.get(source), now);
    },
    count(source, rate, now) {
      if (rate === null) return;
      fullAt.set(source, takeTokens(bucketOf(rate), fullAt.get(source), now), now);
    },
  };
}

function bucketOf({ count, periodMs }: Rate): TokenBucket {
  return { capacity: count, refillMs: periodMs / count };
}
