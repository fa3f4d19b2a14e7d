/** Counts the refused by reason, and tells of them in the log: each, or when they are many, how many. */
import type { LogEvent } from "../../shared/log.ts";
import type { Refusals } from "../../shared/master.ts";
import type { AcceptedClient } from "../accept/accept.ts";
import type { RefuseReason } from "../../shared/outcome.ts";

/** Refusals that are logged one by one in a time (ms); those beyond are summed up at its end. */
const LISTED = 20;
const TIME = 5000;

export interface RefusalCounts {
  count(client: AcceptedClient, reason: RefuseReason, detail: string | null): void;
  readonly total: number;
  list(): Refusals[];
  /** Tells what is not told yet. */
  flush(): void;
}

export function createRefusalCounts(log: (event: LogEvent) => void): RefusalCounts {
  const rows = new Map<RefuseReason, Refusals>();
  let listed = 0;
  let unlisted = new Map<RefuseReason, number>();
  let timer: Timer | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    listed = 0;
    const count = unlisted.values().reduce((sum, one) => sum + one, 0);
    if (count > 0) {
      log({ event: "refusals not listed", count, reasons: Object.fromEntries(unlisted) });
    }
    unlisted = new Map();
  }

  return {
    count({ remoteAddress, remotePort }, reason, detail) {
      const count = (rows.get(reason)?.count ?? 0) + 1;
      rows.set(reason, { reason, count, lastAt: Date.now(), lastAddress: remoteAddress });
      timer ??= setTimeout(flush, TIME);
      listed += 1;
      if (listed > LISTED) unlisted.set(reason, (unlisted.get(reason) ?? 0) + 1);
      else log({ event: "refused", reason, detail, remoteAddress, remotePort });
    },
    get total() {
      return rows.values().reduce((sum, { count }) => sum + count, 0);
    },
    list: () => [...rows.values()],
    flush,
  };
}
