/** What the values of flags have in common: what is a number, a time, and how a bad one is told. */

/** What the user got wrong, in one line: which flag, which value, what would be right. */
export class UsageError extends Error {}

export interface Flag {
  value: string;
  fallback: string;
  help: string;
}

export function bad(flag: string, text: string, wanted: string): UsageError {
  return new UsageError(`--${flag}: ${JSON.stringify(text)} is not ${wanted}.`);
}

export function parseCount(
  flag: string,
  text: string,
  { least = 1, most = 1_000_000 } = {},
): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= least && count <= most) return count;
  throw bad(flag, text, `a number from ${least} to ${most}`);
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A longer timer would fire at once (setTimeout takes 31 bits of ms). */
const LONGEST_TIMEOUT = 24 * 3_600_000;

export function parseDuration(flag: string, text: string): number {
  const [, digits, unit] = /^(\d+)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Number(digits) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  if (digits !== undefined && Number(digits) === 0) return 0;
  if (ms <= LONGEST_TIMEOUT) return ms;
  throw bad(flag, text, "a time such as 90s, 10m or 2h (24h at most), or 0");
}
