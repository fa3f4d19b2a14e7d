/** The pace of a child's reports. */
import { type TokenBucket, takeTokens, waitForTokens } from "../../shared/token-bucket.ts";

/** Reports that may be sent in a burst, and then per second. log-budget.ts counts on both. */
export const REPORT_BURST = 20;
export const REPORTS_PER_SECOND = 4;

const BUCKET: TokenBucket = { capacity: REPORT_BURST, refillMs: 1000 / REPORTS_PER_SECOND };

export interface Pace {
  /**
   * Sends now, or in a quarter of a second if too much was sent lately or
   * the master does not keep up.
   */
  schedule(): void;
  /** Sends nothing more. */
  stop(): void;
}

/** `isBehind` returns whether what was sent before has not been taken yet. */
export function createPace(send: () => void, isBehind: () => boolean): Pace {
  let fullAtMs = 0;
  let timer: Timer | undefined;

  function wait(): void {
    timer = setTimeout(sendNow, BUCKET.refillMs);
  }

  function sendNow(): void {
    if (isBehind()) return wait();
    timer = undefined;
    fullAtMs = takeTokens(BUCKET, fullAtMs, performance.now());
    send();
  }

  return {
    schedule() {
      if (timer !== undefined) return;
      if (waitForTokens(BUCKET, fullAtMs, performance.now()) <= 0) sendNow();
      else wait();
    },
    stop: () => clearTimeout(timer),
  };
}
