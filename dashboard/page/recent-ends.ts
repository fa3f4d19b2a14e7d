/**
 * Why recent sessions ended: a tab that is refreshed seldom may ask after the master's
 * log has dropped the entry.
 */
import { createLruMap } from "../../shared/lru-map.ts";
import type { Master } from "../../shared/master.ts";
import type { EndReason } from "../../shared/outcome.ts";

const MAX_ENDS = 5000;

export interface RecentEnds {
  /** Returns why the session ended; undefined if it has not ended, or ended too long ago. */
  reasonOf(id: string): EndReason | undefined;
}

/** Follows the master's log from now on. */
export function trackRecentEnds(master: Master): RecentEnds {
  const reasons = createLruMap<string, EndReason>(MAX_ENDS);
  master.follow(({ event }) => {
    if (event.event === "ended") reasons.set(event.id, event.reason);
  });
  return { reasonOf: (id) => reasons.get(id) };
}
