/**
 * Counts values by size: for percentiles almost as good as the values themselves, in fixed memory.
 */

export interface Histogram {
  /** The upper bound of each bucket, ascending; larger values are counted in one more bucket. */
  readonly bounds: readonly number[];
  /** How many values each bucket has, including the extra one. */
  readonly counts: Float64Array;
  readonly sum: number;
  readonly total: number;
  add(value: number): void;
  /** Returns the `q`-quantile (0–1) of the values, to within its bucket; NaN if there are none. */
  quantile(q: number): number;
  clear(): void;
}

export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  let total = 0;

  return {
    bounds,
    counts,
    get sum() {
      return sum;
    },
    get total() {
      return total;
    },
    add(value) {
      let bucket = 0;
      let end = bounds.length;
      while (bucket < end) {
        const middle = (bucket + end) >> 1;
        if (value <= (bounds[middle] as number)) end = middle;
        else bucket = middle + 1;
      }
      counts[bucket] = (counts[bucket] as number) + 1;
      sum += value;
      total += 1;
    },
    quantile(q) {
      if (total === 0) return Number.NaN;
      const rank = Math.max(1, Math.ceil(q * total));
      let cumulative = 0;
      const bucket = counts.findIndex((count) => (cumulative += count) >= rank);
      const upper = bounds[bucket];
      const lower = bounds[bucket - 1] ?? 0;
      return upper === undefined ? lower : (lower + upper) / 2;
    },
    clear() {
      counts.fill(0);
      sum = 0;
      total = 0;
    },
  };
}

/** Returns bounds from `min` to `max` or just above, each `ratio` times the previous one. */
export function logBounds(min: number, max: number, ratio: number): number[] {
  const steps = Math.ceil(Math.log(max / min) / Math.log(ratio));
  return Array.from({ length: steps + 1 }, (_, step) => min * ratio ** step);
}
