/** How much the master reads from one child in a window of time. */

/**
 * The rest is read in the next window, so an honest child's burst is delayed by at most this long.
 */
export const WINDOW_MS = 250;

/**
 * 400 a second. An honest child reports at most 48 in its first second, and makes one request at a
 * time.
 */
export const MAX_MESSAGES_PER_WINDOW = 100;

/** 2 MB a second: parsing that takes the master some hundredths of a core. */
export const MAX_BYTES_PER_WINDOW = 512 * 1024;

export interface ReadQuota {
  /** A read that completes no message counts as one, or a child could send one byte at a time. */
  spend(messages: number, bytes: number): void;
  /** Returns how long (ms) until more may be read; 0: now. */
  wait(): number;
  /** Begins a new window. */
  refill(): void;
}

/** `now`: in ms, as `performance.now`. */
export function createReadQuota(now: () => number = () => performance.now()): ReadQuota {
  let endMs = 0;
  let messages = 0;
  let bytes = 0;

  function refill(): void {
    endMs = now() + WINDOW_MS;
    messages = 0;
    bytes = 0;
  }

  return {
    spend(moreMessages, moreBytes) {
      messages += moreMessages;
      bytes += moreBytes;
    },
    wait() {
      if (messages < MAX_MESSAGES_PER_WINDOW && bytes < MAX_BYTES_PER_WINDOW) return 0;
      const leftMs = endMs - now();
      if (leftMs > 0) return leftMs;
      refill();
      return 0;
    },
    refill,
  };
}
