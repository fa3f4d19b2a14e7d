/** Figures with their unit, as charts and their tables show them. Runs in the browser, too. */
import { formatBytes } from "../../shared/format.ts";

/** count: of something. rate: of something in a second. ms: a length of time. percent: of one processor. */
export const UNITS = ["count", "rate", "ms", "percent", "bytes"] as const;

export type Unit = (typeof UNITS)[number];

/** `12`, `3.4/s`, `1.25 ms`, `4.6 s`, `12.5 %`, `1.2 MB`; three digits of it count. */
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

/** Decimals only where they are among the first three digits, none below a hundredth. */
function digits(value: number): string {
  const decimals = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: decimals });
}
