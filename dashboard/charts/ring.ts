/** The newest points of some figures in fixed memory: each point stands for a step of time. */

/** How a point is made of what is put into it. newest: the last one put. */
export type Aggregate = "mean" | "max" | "newest";

export interface Ring {
  /** What a point stands for, in ms. */
  readonly stepMs: number;
  /** The time that all of them stand for, in ms. */
  readonly spanMs: number;
  /** True if nothing was put into the point of that time (ms since the epoch) yet. */
  isNew(at: number): boolean;
  /** Puts a value for each figure into the point of that time; NaN: not known. */
  put(at: number, values: Float64Array): void;
  /** Calls `take` with each point after `after` up to `to` (ms), the oldest first; all are NaN in a gap. */
  read(after: number, to: number, take: (at: number, row: Float64Array) => void): void;
}

export function createRing(step: number, points: number, kinds: readonly Aggregate[]): Ring {
  const columns = kinds.length;
  const rows = new Float64Array(points * columns).fill(Number.NaN);
  /** Which step each point is of: a clock that was set back leaves points that are of no time any more. */
  const steps = new Float64Array(points).fill(-1);
  const unknown = new Float64Array(columns).fill(Number.NaN);
  /** How many values are in each mean of the point under way. */
  const known = new Uint32Array(columns);

  const rowOf = (number: number) => {
    const begin = (number % points) * columns;
    return rows.subarray(begin, begin + columns);
  };

  function isNew(at: number): boolean {
    const number = Math.floor(at / step);
    return steps[number % points] !== number;
  }

  return {
    stepMs: step,
    spanMs: step * points,
    isNew,
    put(at, values) {
      const number = Math.floor(at / step);
      const row = rowOf(number);
      if (isNew(at)) {
        steps[number % points] = number;
        row.fill(Number.NaN);
        known.fill(0);
      }
      for (const [column, kind] of kinds.entries()) {
        const value = values[column] as number;
        if (Number.isNaN(value)) continue;
        const before = row[column] as number;
        known[column] = (known[column] as number) + 1;
        if (kind === "newest" || Number.isNaN(before)) row[column] = value;
        else if (kind === "max") row[column] = Math.max(before, value);
        else row[column] = before + (value - before) / (known[column] as number);
      }
    },
    read(after, to, take) {
      const last = Math.floor(to / step);
      const first = Math.max(Math.floor(after / step) + 1, last - points + 1);
      for (let number = first; number <= last; number += 1) {
        take(number * step, steps[number % points] === number ? rowOf(number) : unknown);
      }
    },
  };
}
