/**
 * The thread that stores the history, so that neither a slow disk nor a long search holds up the
 * master. It handles its calls one after the other, in the order in which they arrive.
 */
import { workerData } from "node:worker_threads";
import { asError } from "../../shared/as-error.ts";
import type { LogEntry } from "../../shared/log.ts";
import { audit, readSession, search, totals } from "./read.ts";
import { type HistoryConfig, type HistoryStore, openHistoryStore } from "./store.ts";
import {
  type Call,
  type CallName,
  type CallReply,
  type CallResults,
  RUNNING,
} from "./worker-calls.ts";

declare const self: Worker;

/** How often expired sessions are deleted. */
const MAINTENANCE_INTERVAL_MS = 5000;

const state = workerData as Int32Array;

/** Opened by the first call: not before the server listens. */
let opened: HistoryStore | null = null;

/** The last maintenance did not delete everything that it could. */
let hasMoreToDelete = false;

self.onmessage = ({ data }: MessageEvent<Call>) => {
  if (data.name === "open") open(data.argument);
  else self.postMessage(handle(data, openedStore()));
};
Atomics.store(state, 0, RUNNING);
Atomics.notify(state, 0);

function open(config: HistoryConfig): void {
  opened = openHistoryStore(config);
  maintain(opened);
}

function openedStore(): HistoryStore {
  if (opened === null) throw new Error("the history is not open");
  return opened;
}

type LaterCall = Exclude<Call, { name: "open" }>;

function handle(call: LaterCall, store: HistoryStore): CallReply {
  try {
    return { number: call.number, result: run(call, store) };
  } catch (error) {
    return { number: call.number, error: asError(error).message };
  }
}

function run(call: LaterCall, store: HistoryStore): CallResults[CallName] {
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

function maintain(store: HistoryStore): void {
  hasMoreToDelete = false;
  self.postMessage(handle({ number: 0, name: "maintain", argument: null }, store));
  setTimeout(() => maintain(store), hasMoreToDelete ? 0 : MAINTENANCE_INTERVAL_MS);
}
