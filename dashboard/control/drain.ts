/** Draining the server, as it is asked for from the page and by programs. */
import { parseDuration } from "../../shared/duration.ts";
import type { Master } from "../../shared/master.ts";

const LONGEST = 24 * 3_600_000;

/** Takes `90s`, `10m`, `2h`. Gives ms, ten minutes where nothing is said; null for what is no time, or longer than a day. */
export function parseDrainTime(text = "10m"): number | null {
  const ms = parseDuration(text);
  return ms !== null && ms > 0 && ms <= LONGEST ? ms : null;
}

/** So long (ms) the answer has to get on its way, and what the page that it may be loads. */
const ANSWER_FIRST = 1000;

/** Those that are told to drain, and drain in a moment. */
const told = new WeakSet<Master>();

/**
 * Drains when the answer is gone: with no child the server ends at once, and its page with it. Gives why it cannot
 * be done, or null.
 */
export function drainAfterResponse(master: Master, ms: number, by: string): Error | null {
  const state = told.has(master) ? "draining" : master.status().state;
  // To be asked twice is no reason to hurry, nor to say that it will be over by another time.
  if (state === "draining" || state === "stopping")
    return new Error(`the server is ${state} already`);
  told.add(master);
  setTimeout(() => master.drain(ms, by), ANSWER_FIRST);
  return null;
}
