/**
 * A token bucket, stored as one number: the time at which it is full again (the generic cell rate
 * algorithm). It refills by the passing of time alone, so it needs no timer; a bucket whose time is
 * past, such as 0, is full.
 */
export interface TokenBucket {
  /** Tokens in a full bucket. */
  capacity: number;
  /** Time in which one token comes back. */
  refillMs: number;
}

/** Returns how long (ms) until `count` tokens can be taken; 0 or less if they can be taken now. */
export function waitForTokens(
  { capacity, refillMs }: TokenBucket,
  fullAtMs: number,
  nowMs: number,
  count = 1,
): number {
  // A time that was set for a larger bucket means an empty one here.
  const missingMs = Math.min(Math.max(0, fullAtMs - nowMs), capacity * refillMs);
  return missingMs - (capacity - count) * refillMs;
}

/** Takes `count` tokens; returns the time at which the bucket will be full again. */
export function takeTokens(
  { capacity, refillMs }: TokenBucket,
  fullAtMs: number,
  nowMs: number,
  count = 1,
): number {
  const takenMs = Math.max(fullAtMs, nowMs) + count * refillMs;
  return Math.min(takenMs, nowMs + capacity * refillMs);
}
