/** With which reason sessions ended lately: a page that looks seldom asks when the log has moved on. */
import { createLruMap } from "../../shared/lru-map.ts";
import type { Master } from "../../shared/master.ts";
import type { EndReason } from "../../shared/outcome.ts";

/** Ends that are remembered. */
const MOST_KEPT = 5000;

export interface RecentEnds {
  /** Undefined for one that has not ended, or too long ago. */
  reasonOf(id: string): EndReason | undefined;
}

export function trackRecentEnds(master: Master): RecentEnds {
  const reasons = createLruMap<string, EndReason>(MOST_KEPT);
  master.follow(({ event }) => {
    if (event.event === "ended") reasons.set(event.id, event.reason);
  });
  return { reasonOf: (id) => reasons.get(id) };
}
