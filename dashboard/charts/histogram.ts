/** Counts of values by size: as good as the values themselves for percentiles, in fixed memory. */

export interface Histogram {
  /** The upper bound of each bucket, ascending; what is above the last is in one more. */
  readonly bounds: readonly number[];
  /** How many are in each bucket, that one more among them. */
  readonly counts: Float64Array;
  readonly sum: number;
  readonly total: number;
  add(value: number): void;
  /** The value that a share `q` (0–1) of them does not exceed, to within its bucket; NaN if there are none. */
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
      let above = bounds.length;
      while (bucket < above) {
        const middle = (bucket + above) >> 1;
        if (value <= (bounds[middle] as number)) above = middle;
        else bucket = middle + 1;
      }
      counts[bucket] = (counts[bucket] as number) + 1;
      sum += value;
      total += 1;
    },
    quantile(q) {
      if (total === 0) return Number.NaN;
      const wanted = Math.max(1, Math.ceil(q * total));
      let seen = 0;
      const bucket = counts.findIndex((count) => (seen += count) >= wanted);
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

/** Bounds from `least` to at least `most`, each `ratio` times the one before. */
export function logBounds(least: number, most: number, ratio: number): number[] {
  const steps = Math.ceil(Math.log(most / least) / Math.log(ratio));
  return Array.from({ length: steps + 1 }, (_, step) => least * ratio ** step);
}
