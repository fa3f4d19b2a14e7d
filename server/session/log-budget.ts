/**
 * How many of a child's lines and requests are logged one by one. An honest child paces itself
 * (report.ts); a child that was taken over must not fill the disk, nor keep the master busy with
 * writing. The rest is counted.
 */
import { type TokenBucket, takeTokens, waitForTokens } from "../../shared/token-bucket.ts";
import { MAX_PRINTED_LINES, MAX_REQUESTS_LISTED } from "../channel/messages.ts";
import { REPORT_BURST, REPORTS_PER_SECOND } from "../channel/pace.ts";

export interface LogBudget {
  /**
   * Returns which of `items` to log: all or none. `more`: how many others the child has only
   * counted. `nowMs`: of `performance.now`.
   */
  take<Item>(items: readonly Item[], more: number, nowMs?: number): BudgetedItems<Item>;
  /** Returns how many were not listed since `take` last returned items. */
  unlisted(): number;
}

export interface BudgetedItems<Item> {
  items: readonly Item[];
  /** How many were not listed until now, to be logged after `items`; 0 if there are no items. */
  unlisted: number;
}

/** The log entries of one message, with the one that says how many more there were. */
const MAX_ENTRIES_PER_MESSAGE = Math.max(MAX_PRINTED_LINES, MAX_REQUESTS_LISTED) + 1;

/** The child itself reports, and output.ts reports what the child prints. */
const REPORTERS = 2;

/**
 * Twice an honest child's burst: after a delay of up to 5 s the master reads
 * everything from it at once.
 */
export const MAX_LISTED = 2 * REPORTERS * REPORT_BURST * MAX_ENTRIES_PER_MESSAGE;

export const LISTED_PER_SECOND = REPORTERS * REPORTS_PER_SECOND * MAX_ENTRIES_PER_MESSAGE;

const BUCKET: TokenBucket = { capacity: MAX_LISTED, refillMs: 1000 / LISTED_PER_SECOND };

export function createLogBudget(): LogBudget {
  let fullAtMs = 0;
  let unlisted = 0;

  return {
    take(items, more, nowMs = performance.now()) {
      const entries = items.length + (more > 0 ? 1 : 0);
      if (waitForTokens(BUCKET, fullAtMs, nowMs, entries) > 0) {
        unlisted += items.length + more;
        return { items: [], unlisted: 0 };
      }
      fullAtMs = takeTokens(BUCKET, fullAtMs, nowMs, entries);
      const total = unlisted + more;
      unlisted = 0;
      return { items, unlisted: total };
    },
    unlisted: () => unlisted,
  };
}
