/**
 * How much of what a child tells stands in the log one by one. An honest child paces itself (report.ts); one
 * that was taken over is not to fill the disk, nor to keep the master busy with writing. What is beyond is counted.
 */
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

/** Twice an honest child's burst: where the master is held up, it hears at once what was said in 5 s. */
export const MAX_LISTED = 2 * REPORTERS * REPORT_BURST * MESSAGE;

export const LISTED_PER_SECOND = REPORTERS * REPORTS_PER_SECOND * MESSAGE;

/** A token bucket, as the child has one. */
export function createLogBudget(openedAt = performance.now()): LogBudget {
  let left = MAX_LISTED;
  let refilledAt = openedAt;
  let unlisted = 0;

  return {
    take(items, more, now = performance.now()) {
      left = Math.min(MAX_LISTED, left + ((now - refilledAt) / 1000) * LISTED_PER_SECOND);
      refilledAt = now;
      const entries = items.length + (more > 0 ? 1 : 0);
      if (entries > left) {
        unlisted += items.length + more;
        return { items: [], notListed: 0 };
      }
      left -= entries;
      const notListed = unlisted + more;
      unlisted = 0;
      return { items, notListed };
    },
    rest: () => unlisted,
  };
}
