/** Draining the server, as it is asked for from the page and by programs. */
import type { Master } from "../shared/master.ts";

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

const LONGEST = 24 * 3_600_000;

/** Takes `90s`, `10m`, `2h`. Gives ms, ten minutes where nothing is said; null for what is no time, or longer than a day. */
export function drainTimeOf(text = "10m"): number | null {
  const [, digits = "", unit = ""] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const ms = Number(digits) * (UNIT_MS[unit] ?? 0);
  return ms > 0 && ms <= LONGEST ? ms : null;
}

/** So long (ms) the answer has to get on its way. */
const ANSWER_FIRST = 100;

/** Drains when the answer is gone: with no child the server ends at once, and its page with it. */
export function drainSoon(master: Master, ms: number, by: string): void {
  setTimeout(() => master.drain(ms, by), ANSWER_FIRST);
}
