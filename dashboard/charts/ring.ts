/** The newest points of several series in fixed memory. Each point stands for one step of time. */

/** How the values put into one point are combined. newest: the last one wins. */
export type Aggregate = "mean" | "max" | "newest";

export interface Ring {
  /** The time that one point stands for. */
  readonly stepMs: number;
  /** The time that all points stand for. */
  readonly spanMs: number;
  /** True if nothing has been put into the point of that time yet (ms since the epoch). */
  isNew(at: number): boolean;
  /** Puts a value for each series into the point of that time; NaN is an unknown value. */
  put(at: number, values: Float64Array): void;
  /**
   * Calls `onPoint` with each point after `after` and up to `to`, oldest first; in
   * a gap all values are NaN.
   */
  read(after: number, to: number, onPoint: (at: number, row: Float64Array) => void): void;
}

export function createRing(stepMs: number, points: number, aggregates: readonly Aggregate[]): Ring {
  const columns = aggregates.length;
  const rows = new Float64Array(points * columns).fill(Number.NaN);
  /**
   * The number of the step in each slot; after the clock has been set back, a
   * slot may hold another one.
   */
  const steps = new Float64Array(points).fill(-1);
  const unknown = new Float64Array(columns).fill(Number.NaN);
  /** How many values each mean of the current point has so far. */
  const valueCounts = new Uint32Array(columns);

  const rowOf = (number: number) => {
    const start = (number % points) * columns;
    return rows.subarray(start, start + columns);
  };

  function isNew(at: number): boolean {
    const number = Math.floor(at / stepMs);
    return steps[number % points] !== number;
  }

  return {
    stepMs,
    spanMs: stepMs * points,
    isNew,
    put(at, values) {
      const number = Math.floor(at / stepMs);
      const row = rowOf(number);
      if (isNew(at)) {
        steps[number % points] = number;
        row.fill(Number.NaN);
        valueCounts.fill(0);
      }
      for (const [column, aggregate] of aggregates.entries()) {
        const value = values[column] as number;
        if (Number.isNaN(value)) continue;
        const before = row[column] as number;
        valueCounts[column] = (valueCounts[column] as number) + 1;
        if (aggregate === "newest" || Number.isNaN(before)) row[column] = value;
        else if (aggregate === "max") row[column] = Math.max(before, value);
        else row[column] = before + (value - before) / (valueCounts[column] as number);
      }
    },
    read(after, to, onPoint) {
      const last = Math.floor(to / stepMs);
      const first = Math.max(Math.floor(after / stepMs) + 1, last - points + 1);
      for (let number = first; number <= last; number += 1) {
        onPoint(number * stepMs, steps[number % points] === number ? rowOf(number) : unknown);
      }
    },
  };
}
