/** How long a drain may take, as it is asked for: `90s`, `10m`, `2h`. */

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

const LONGEST = 24 * 3_600_000;

/** Gives ms, ten minutes where nothing is said; null for what is no time, or longer than a day. */
export function drainTimeOf(text = "10m"): number | null {
  const [, digits = "", unit = ""] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const ms = Number(digits) * (UNIT_MS[unit] ?? 0);
  return ms > 0 && ms <= LONGEST ? ms : null;
}
