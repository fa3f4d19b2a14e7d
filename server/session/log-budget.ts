/**
 * How much of what a child tells stands in the log one by one. An honest child paces itself (report.ts); one
 * that was taken over is not to fill the disk, nor to keep the master busy with writing. What is beyond is counted.
 */
import { type TokenBucket, takeTokens, waitForTokens } from "../../shared/token-bucket.ts";
import { MAX_PRINTED_LINES, MAX_REQUESTS_LISTED } from "../channel/messages.ts";
import { REPORT_BURST, REPORTS_PER_SECOND } from "../channel/report.ts";

export interface LogBudget {
  /** What is to stand in the log of these, of which `more` are counted only, by the child itself. */
  take<Item>(items: readonly Item[], more: number, now?: number): BudgetedItems<Item>;
  /** How many are counted and were not told of yet. */
  rest(): number;
}

export interface BudgetedItems<Item> {
  items: readonly Item[];
  notListed: number;
}

/** Entries of one message at the most, with the one that tells how many more there were. */
const MESSAGE = Math.max(MAX_PRINTED_LINES, MAX_REQUESTS_LISTED) + 1;

/** Who reports of one child: itself, and output.ts what it prints. */
const REPORTERS = 2;

/** Twice an honest child's burst: after a delay of up to 5 s the master reads everything from it at once. */
export const MAX_LISTED = 2 * REPORTERS * REPORT_BURST * MESSAGE;

export const LISTED_PER_SECOND = REPORTERS * REPORTS_PER_SECOND * MESSAGE;

const BUCKET: TokenBucket = { capacity: MAX_LISTED, refillMs: 1000 / LISTED_PER_SECOND };

export function createLogBudget(): LogBudget {
  let fullAtMs = 0;
  let unlisted = 0;

  return {
    take(items, more, now = performance.now()) {
      const entries = items.length + (more > 0 ? 1 : 0);
      if (waitForTokens(BUCKET, fullAtMs, now, entries) > 0) {
        unlisted += items.length + more;
        return { items: [], notListed: 0 };
      }
      fullAtMs = takeTokens(BUCKET, fullAtMs, now, entries);
      const notListed = unlisted + more;
      unlisted = 0;
      return { items, notListed };
    },
    rest: () => unlisted,
  };
}
