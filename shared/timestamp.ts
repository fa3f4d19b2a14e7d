/** Formats moments in local time, on the server and in the page's script alike. */
import { formatDate, formatTime, formatZone } from "./format.ts";

/** seconds, milliseconds: time of day only. date: date and time, to the second. */
export type Precision = "seconds" | "milliseconds" | "date";

/** `22:04:31`, `22:04:31.118` or `2026-11-25 22:04:31`. */
export function formatTimestamp(at: number, precision: Precision): string {
  const time = formatTime(at);
  if (precision === "milliseconds") return time;
  const seconds = time.slice(0, 8);
  return precision === "date" ? `${formatDate(at)} ${seconds}` : seconds;
}

/** The value of a datetime-local field: `2026-11-25T22:04`, with seconds only if they are not 0. */
export function formatInput(at: number): string {
  return `${formatDate(at)}T${formatTime(at).slice(0, 8).replace(/:00$/, "")}`;
}

/** In full: `2026-11-25 22:04:31.118 UTC+09:00`. */
export function formatFullTimestamp(at: number): string {
  return `${formatDate(at)} ${formatTime(at)} ${formatZone(at)}`;
}
