/** The worst of any number of outcomes, in bounded memory. */
import type { ChildOutcome, JobOutcome } from "./job.ts";

const MAX_OUTCOMES = 200;

export interface WorstOutcomes {
  add(outcome: ChildOutcome): void;
  /** Worst first. */
  list(): readonly ChildOutcome[];
}

export function createWorstOutcomes(): WorstOutcomes {
  let outcomes: ChildOutcome[] = [];

  function prune(): void {
    outcomes = outcomes.sort(byBadness).slice(0, MAX_OUTCOMES);
  }

  return {
    add(outcome) {
      outcomes.push(outcome);
      if (outcomes.length > 2 * MAX_OUTCOMES) prune();
    },
    list() {
      prune();
      return outcomes;
    },
  };
}

const BADNESS: Record<JobOutcome, number> = {
  "still there": 3,
  stopped: 2,
  running: 2,
  gone: 1,
  "already ended": 0,
};

/** Equally bad ones: the slowest first. */
function byBadness(a: ChildOutcome, b: ChildOutcome): number {
  const slower = (b.receipt?.ms ?? 0) - (a.receipt?.ms ?? 0);
  return BADNESS[b.outcome] - BADNESS[a.outcome] || slower;
}
