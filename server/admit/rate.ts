/** Limits how often new clients may come from one source: a token bucket per source. */
import { type TokenBucket, takeTokens, waitForTokens } from "../../shared/token-bucket.ts";
import type { Rate } from "../options/parse.ts";
import { createExpiryMap } from "./expiry-map.ts";

/** `rate` is `--rate`; null for no limit. `nowMs` is on any monotonic clock. */
export interface RateLimit {
  /**
   * Returns how long (ms) until another client from this source is
   * admitted; 0 or less if it is now.
   */
  waitMs(source: string, rate: Rate | null, nowMs: number): number;
  /** Counts a client from this source. */
  count(source: string, rate: Rate | null, nowMs: number): void;
}

export function createRateLimit(): RateLimit {
  const fullAt = createExpiryMap();
  return {
    waitMs(source, rate, nowMs) {
      return rate === null ? 0 : waitForTokens(bucketOf(rate), fullAt.get(source), nowMs);
    },
    count(source, rate, nowMs) {
      if (rate === null) return;
      fullAt.set(source, takeTokens(bucketOf(rate), fullAt.get(source), nowMs), nowMs);
    },
  };
}

function bucketOf({ count, periodMs }: Rate): TokenBucket {
  return { capacity: count, refillMs: periodMs / count };
}
