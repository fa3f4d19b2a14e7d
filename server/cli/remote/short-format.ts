/** Figures without a space in them, for columns that programs split too. */
import { formatBytes } from "../../../shared/format.ts";

/** `1234` → `1.2k`; `-` if unknown. */
export function shortBytes(bytes: number | null): string {
  return bytes === null ? "-" : formatBytes(bytes).replace(" ", "").replace("B", "");
}

/** `0s`, `59s`, `3m05s`, `2h04m`, `3d01h`. */
export function shortTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return `${minutes}m${twoDigits(seconds % 60)}s`;
  if (hours < 24) return `${hours}h${twoDigits(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d${twoDigits(hours % 24)}h`;
}

/** The same for times that are often below a second: `12ms`, `3s`; `-` if unknown. */
export function shortWait(ms: number | null): string {
  if (ms === null) return "-";
  return ms < 1000 ? `${Math.round(ms)}ms` : shortTime(ms);
}
