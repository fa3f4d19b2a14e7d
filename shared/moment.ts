/** A moment in local time, as the page shows it. The server and the page's script make the same of it. */
import { formatDate, formatTime, formatZone } from "./format.ts";

/** seconds, milliseconds: the time of day alone. date: with its day, to the second. */
export type Precision = "seconds" | "milliseconds" | "date";

/** `22:04:31`, `22:04:31.118` or `2026-11-25 22:04:31`. */
export function showTime(at: number, precision: Precision): string {
  const time = formatTime(at);
  if (precision === "milliseconds") return time;
  const seconds = time.slice(0, 8);
  return precision === "date" ? `${formatDate(at)} ${seconds}` : seconds;
}

/** All of it: `2026-11-25 22:04:31.118 UTC+09:00`. */
export function formatMoment(at: number): string {
  return `${formatDate(at)} ${formatTime(at)} ${formatZone(at)}`;
}
