/** Parses durations as people write them. */

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const DAY_MS = 24 * 3_600_000;

/** Returns `250ms`, `90s`, `10m`, `2h` or `0` in milliseconds; null if it is not a duration. */
export function parseDuration(text: string): number | null {
  const [, digits, unit] = /^(\d+)(ms|s|m|h)?$/.exec(text) ?? [];
  if (digits === undefined) return null;
  if (Number(digits) === 0) return 0;
  return unit === undefined ? null : Number(digits) * (UNIT_MS[unit] as number);
}

/** The same, and days: `30d`. */
export function parseAge(text: string): number | null {
  const [, days] = /^(\d+)d$/.exec(text) ?? [];
  return days === undefined ? parseDuration(text) : Number(days) * DAY_MS;
}
