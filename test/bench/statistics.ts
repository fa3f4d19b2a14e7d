/** What a table shows about many measured values. */
export interface Summary {
  p25: number;
  median: number;
  p75: number;
  p99: number;
  min: number;
  max: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (quantile: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? Number.NaN;
  return { p25: at(0.25), median: at(0.5), p75: at(0.75), p99: at(0.99), min: at(0), max: at(1) };
}

export function median(values: readonly number[]): number {
  return summarize(values).median;
}
