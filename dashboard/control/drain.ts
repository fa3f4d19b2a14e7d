/** How long a drain may take, as an operator writes it. */
import { parseDuration } from "../../shared/duration.ts";

const MAX_DRAIN_MS = 24 * 3_600_000;

export const DEFAULT_DRAIN_TIME = "10m";

/**
 * Returns milliseconds for `90s`, `10m` or `2h`; null if that is no time,
 * zero, or longer than a day.
 */
export function parseDrainTime(text: string): number | null {
  const ms = parseDuration(text);
  return ms !== null && ms > 0 && ms <= MAX_DRAIN_MS ? ms : null;
}
