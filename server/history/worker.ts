/**
 * The thread that stores the history, so that neither a slow disk nor a long search holds up the master. It handles
 * its calls one after the other, in the order in which they arrive.
 */
import { asError } from "../../shared/as-error.ts";
import type { LogEntry } from "../../shared/log.ts";
import { audit, readSession, search, totals } from "./read.ts";
import { type HistoryConfig, openHistoryStore } from "./store.ts";
import type { Call, CallName, CallReply, CallResults } from "./worker-calls.ts";

declare const self: Worker;

/** How often expired sessions are deleted. */
const MAINTENANCE_INTERVAL_MS = 5000;

const store = openHistoryStore(JSON.parse(process.argv[3] ?? "") as HistoryConfig);

/** The last maintenance did not delete everything that it could. */
let hasMoreToDelete = false;

self.onmessage = ({ data }: MessageEvent<Call>) => self.postMessage(handle(data));
maintain();

function handle(call: Call): CallReply {
  try {
    return { number: call.number, result: run(call) };
  } catch (error) {
    return { number: call.number, error: asError(error).message };
  }
}

function run(call: Call): CallResults[CallName] {
  switch (call.name) {
    case "write":
      store.write(JSON.parse(call.argument) as LogEntry[]);
      return { fallbackReason: store.fallbackReason() };
    case "markLost":
      store.markLost(call.argument);
      return null;
    case "session":
      return readSession(store.database(), call.argument);
    case "search":
      return search(store.database(), call.argument);
    case "totals":
      return totals(store.database(), call.argument);
    case "audit":
      return audit(store.database(), call.argument);
    case "maintain":
      hasMoreToDelete = store.maintain();
      return { fallbackReason: store.fallbackReason() };
    case "close":
      store.close();
      return null;
  }
}

/** The first result also tells the master that this thread listens. */
function maintain(): void {
  hasMoreToDelete = false;
  self.postMessage(handle({ number: 0, name: "maintain", argument: null }));
  setTimeout(maintain, hasMoreToDelete ? 0 : MAINTENANCE_INTERVAL_MS);
}
