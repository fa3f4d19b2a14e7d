/** Formats values with their units for charts and their tables. Also runs in the browser. */
import { formatBytes } from "../../shared/format.ts";

/** count: of anything. rate: per second. ms: a duration. percent: of one core. */
export const UNITS = ["count", "rate", "ms", "percent", "bytes"] as const;

export type Unit = (typeof UNITS)[number];

/** `12`, `3.4/s`, `1.25 ms`, `4.6 s`, `12.5 %`, `1.2 MB`; with about three significant digits. */
export function formatUnit(value: number, unit: Unit): string {
  switch (unit) {
    case "count":
      return digits(value);
    case "rate":
      return `${digits(value)}/s`;
    case "ms":
      return value < 1000 ? `${digits(value)} ms` : `${digits(value / 1000)} s`;
    case "percent":
      return `${digits(value)} %`;
    case "bytes":
      return formatBytes(value);
  }
}

/** Decimals only as far as they are among the first three digits, and at most two. */
function digits(value: number): string {
  const decimals = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: decimals });
}
