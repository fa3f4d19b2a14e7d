/** A moment in local time, as the page shows it. The server and the page's script make the same of it. */
import { formatDate, formatTime, formatZone } from "./format.ts";

/** seconds, milliseconds: the time of day alone. date: with its day, to the second. */
export type Precision = "seconds" | "milliseconds" | "date";

/** `22:04:31`, `22:04:31.118` or `2026-11-25 22:04:31`. */
export function formatTimestamp(at: number, precision: Precision): string {
  const time = formatTime(at);
  if (precision === "milliseconds") return time;
  const seconds = time.slice(0, 8);
  return precision === "date" ? `${formatDate(at)} ${seconds}` : seconds;
}

/** As a form's field has it: `2026-11-25T22:04`, with its seconds only where there are some. */
export function formatInput(at: number): string {
  return `${formatDate(at)}T${formatTime(at).slice(0, 8).replace(/:00$/, "")}`;
}

/** All of it: `2026-11-25 22:04:31.118 UTC+09:00`. */
export function formatFullTimestamp(at: number): string {
  return `${formatDate(at)} ${formatTime(at)} ${formatZone(at)}`;
}
