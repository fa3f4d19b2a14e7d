/** Draining the server from the page and over the API. */
import { parseDuration } from "../../shared/duration.ts";
import type { Master } from "../../shared/master.ts";

const MAX_DRAIN_MS = 24 * 3_600_000;

export const DEFAULT_DRAIN_TIME = "10m";

/** Returns milliseconds for `90s`, `10m` or `2h`; null if that is no time, zero, or longer than a day. */
export function parseDrainTime(text: string): number | null {
  const ms = parseDuration(text);
  return ms !== null && ms > 0 && ms <= MAX_DRAIN_MS ? ms : null;
}

/** Long enough for the response to be sent, and for the page that it may be to load its files. */
const RESPONSE_GRACE_MS = 1000;

/** Starts a drain of `ms`, requested by `by`. Returns null, or why the server cannot drain. */
export type Drain = (ms: number, by: string) => Error | null;

/** The drain starts a moment after it was requested: without children the server stops at once, and its page with it. */
export function createDrain(master: Master): Drain {
  let isScheduled = false;
  return (ms, by) => {
    const state = isScheduled ? "draining" : master.status().state;
    // A second request neither hurries the drain nor changes its deadline.
    if (state === "draining" || state === "stopping") {
      return new Error(`the server is ${state} already`);
    }
    isScheduled = true;
    setTimeout(() => master.drain(ms, by), RESPONSE_GRACE_MS);
    return null;
  };
}
