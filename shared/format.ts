/** Formats numbers for people. */

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `1234` → `1.2 kB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Formats a duration in its two largest units: `4 ms`, `12.3 s`, `3 min 5 s`, `2 h`, `3 d 1 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes < 60) return `${minutes} min${withUnit(seconds % 60, "s")}`;
  if (hours < 24) return `${hours} h${withUnit(minutes % 60, "min")}`;
  return `${Math.floor(hours / 24)} d${withUnit(hours % 24, "h")}`;
}

function withUnit(rest: number, unit: string): string {
  return rest === 0 ? "" : ` ${rest} ${unit}`;
}

/** Local time with milliseconds: `22:04:31.118`. */
export function formatTime(at: number): string {
  const date = new Date(at);
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** Local date: `2026-11-25`. */
export function formatDate(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The offset of local time from UTC at that moment: `UTC+09:00`. */
export function formatZone(at: number): string {
  const minutes = -new Date(at).getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
