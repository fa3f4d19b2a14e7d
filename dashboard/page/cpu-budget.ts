/** Spreads work out over time, so that on average it takes no more than its share of one core. */
export interface CpuBudget {
  /** Records work that took `cpuMs` of CPU time. */
  spend(cpuMs: number): void;
  /** Returns how many milliseconds to wait until all recorded work fits into the share. */
  waitMs(): number;
}

/** `share`: of one core, 0–1. */
export function createCpuBudget(share: number): CpuBudget {
  /** CPU time spent beyond the share as of `updatedAt`; waiting pays it back. */
  let debtMs = 0;
  let updatedAt = 0;

  function debtAt(now: number): number {
    return Math.max(0, debtMs - (now - updatedAt) * share);
  }

  return {
    spend(cpuMs) {
      const now = performance.now();
      debtMs = debtAt(now) + cpuMs;
      updatedAt = now;
    },
    waitMs: () => debtAt(performance.now()) / share,
  };
}
