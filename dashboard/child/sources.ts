/** What the pages and the API of children draw from. */
import type { History } from "../../shared/history.ts";
import type { Master } from "../../shared/master.ts";
import { type ChildSnapshots, createChildSnapshots } from "./snapshot.ts";
import { createUsageHistory, type UsageHistory } from "./usage-history.ts";

export interface ChildSources {
  master: Master;
  history: History;
  snapshots: ChildSnapshots;
  usageHistory: UsageHistory;
}

export function createChildSources(master: Master, history: History): ChildSources {
  return {
    master,
    history,
    snapshots: createChildSnapshots(master, history),
    usageHistory: createUsageHistory(master),
  };
}
