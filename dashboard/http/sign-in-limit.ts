/**
 * Slows down anyone who guesses passwords. After some wrong ones, each further attempt has to wait.
 * An attempt that comes too early is refused whatever its password is; otherwise the response would
 * reveal whether that was right.
 */
import { createLruMap } from "../../shared/lru-map.ts";
import { type TokenBucket, takeTokens, waitForTokens } from "../../shared/token-bucket.ts";

/** A person mistypes a password a few times; a page that is open retries an outdated one. */
const FREE_ATTEMPTS = 10;

/**
 * The wait after the first wrong password beyond those; it doubles with each
 * further one, up to the longest.
 */
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 30_000;

/** After this time without a wrong password, a source's attempts are forgotten. */
const FORGET_AFTER_MS = 600_000;

/**
 * How many sources are remembered. Beyond that, the one that has been quiet for longest is
 * forgotten.
 */
const MAX_SOURCES = 10_000;

/** Wrong passwords are logged at most this often, each time with the number since the last time. */
const SOURCE_LOG_INTERVAL_MS = 60_000;
const LOG_BUDGET: TokenBucket = { capacity: 10, refillMs: 6000 };

/** Times are on the clock of `performance.now`. */
interface Attempts {
  wrong: number;
  lastWrongAt: number;
  /** Wrong or early attempts that have not been logged, and when the next may be. */
  unlogged: number;
  nextLogAt: number;
}

/**
 * What to log about a source: wrong or early attempts since the last time, and how long
 * the next one has to wait.
 */
export interface WrongPasswords {
  count: number;
  waitMs: number;
}

export interface SignInLimit {
  /**
   * Returns how long (ms) an attempt from this source has to wait; 0: its
   * password may be checked now.
   */
  waitMs(source: string): number;
  /**
   * Counts a wrong password, or an attempt that came too early. Returns what to log; null: nothing.
   */
  onRefused(source: string, why: "wrong" | "too early"): WrongPasswords | null;
  /** Wrong passwords since the start. */
  wrong(): number;
  /** Attempts since the start that came too early. */
  tooEarly(): number;
}

/** `now` returns ms on a monotonic clock. */
export function createSignInLimit(now = () => performance.now()): SignInLimit {
  const bySource = createLruMap<string, Attempts>(MAX_SOURCES);
  const counts = { wrong: 0, "too early": 0 };
  let logFullAt = 0;

  function waitMs(source: string): number {
    const attempts = bySource.get(source);
    if (attempts === undefined) return 0;
    return Math.max(0, attempts.lastWrongAt + waitAfter(attempts.wrong) - now());
  }

  function attemptsOf(source: string): Attempts {
    const known = bySource.get(source);
    if (known !== undefined && now() - known.lastWrongAt < FORGET_AFTER_MS) return known;
    const fresh = { wrong: 0, lastWrongAt: now(), unlogged: 0, nextLogAt: 0 };
    bySource.set(source, fresh);
    return fresh;
  }

  function takeLogLine(attempts: Attempts): boolean {
    if (now() < attempts.nextLogAt || waitForTokens(LOG_BUDGET, logFullAt, now()) > 0) return false;
    logFullAt = takeTokens(LOG_BUDGET, logFullAt, now());
    attempts.nextLogAt = now() + SOURCE_LOG_INTERVAL_MS;
    return true;
  }

  return {
    waitMs,
    onRefused(source, why) {
      counts[why] += 1;
      const attempts = attemptsOf(source);
      attempts.unlogged += 1;
      if (why === "wrong") {
        attempts.wrong += 1;
        attempts.lastWrongAt = now();
      }
      if (!takeLogLine(attempts)) return null;
      const count = attempts.unlogged;
      attempts.unlogged = 0;
      return { count, waitMs: waitMs(source) };
    },
    wrong: () => counts.wrong,
    tooEarly: () => counts["too early"],
  };
}

/** Returns how long (ms) the next attempt has to wait after this many wrong passwords. */
function waitAfter(wrong: number): number {
  if (wrong < FREE_ATTEMPTS) return 0;
  return Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (wrong - FREE_ATTEMPTS));
}
