/** Counts refused clients by reason and logs them: each one, or just how many if there are many. */
import type { LogEvent } from "../../shared/log.ts";
import type { Refusals } from "../../shared/master.ts";
import type { RefuseReason } from "../../shared/outcome.ts";
import type { AcceptedClient } from "../accept/accept.ts";

/** Refusals logged one by one per interval; at its end, one line sums up the others. */
const MAX_LOGGED = 20;
const LOG_INTERVAL_MS = 5000;

export interface RefusalCounts {
  /** `detail` says more about the reason in the log. */
  add(client: AcceptedClient, reason: RefuseReason, detail: string | null): void;
  /** All refusals so far. */
  readonly total: number;
  list(): Refusals[];
  /** Logs how many refusals were not logged yet. */
  flush(): void;
}

export function createRefusalCounts(log: (event: LogEvent) => void): RefusalCounts {
  const rows = new Map<RefuseReason, Refusals>();
  let logged = 0;
  let unlogged = new Map<RefuseReason, number>();
  let timer: Timer | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    logged = 0;
    const count = unlogged.values().reduce((sum, countOfReason) => sum + countOfReason, 0);
    if (count > 0) {
      log({ event: "refusals not listed", count, reasons: Object.fromEntries(unlogged) });
    }
    unlogged = new Map();
  }

  return {
    add({ remoteAddress, remotePort }, reason, detail) {
      const count = (rows.get(reason)?.count ?? 0) + 1;
      rows.set(reason, { reason, count, lastAt: Date.now(), lastAddress: remoteAddress });
      timer ??= setTimeout(flush, LOG_INTERVAL_MS);
      logged += 1;
      if (logged > MAX_LOGGED) unlogged.set(reason, (unlogged.get(reason) ?? 0) + 1);
      else log({ event: "refused", reason, detail, remoteAddress, remotePort });
    },
    get total() {
      return rows.values().reduce((sum, { count }) => sum + count, 0);
    },
    list: () => [...rows.values()],
    flush,
  };
}
