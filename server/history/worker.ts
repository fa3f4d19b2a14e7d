/**
 * The keeper of the history: a thread of its own in the master's process, so that neither a slow disk nor
 * a long search holds up the master. What it is told it does in its order, one after the other.
 */
import { asError } from "../../shared/as-error.ts";
import type { LogEntry } from "../../shared/log.ts";
import type { CallReply, Call, CallResults, CallName } from "./worker-calls.ts";
import { openHistoryStore, type HistoryConfig } from "./store.ts";
import { audit, readSession, search, totals } from "./read.ts";

declare const self: Worker;

/** How often (ms) it is looked what can be let go. */
const UPKEEP = 5000;

const kept = openHistoryStore(JSON.parse(process.argv[3] ?? "") as HistoryConfig);

/** There is more to let go than was done at once. */
let more = false;

self.onmessage = ({ data }: MessageEvent<Call>) => self.postMessage(answer(data));
upkeep();

function answer(call: Call): CallReply {
  try {
    return { number: call.number, gives: give(call) };
  } catch (error) {
    return { number: call.number, error: asError(error).message };
  }
}

function give(call: Call): CallResults[CallName] {
  switch (call.name) {
    case "write":
      kept.write(JSON.parse(call.wants) as LogEntry[]);
      return { exile: kept.exile() };
    case "settle":
      kept.settle(call.wants);
      return null;
    case "session":
      return readSession(kept.database(), call.wants);
    case "search":
      return search(kept.database(), call.wants);
    case "totals":
      return totals(kept.database(), call.wants);
    case "audit":
      return audit(kept.database(), call.wants);
    case "upkeep":
      more = kept.upkeep();
      return { exile: kept.exile() };
    case "close":
      kept.close();
      return null;
  }
}

/** Nobody has asked for it; that it fails is told all the same, and the first time that there is somebody to be asked. */
function upkeep(): void {
  more = false;
  self.postMessage(answer({ number: 0, name: "upkeep", wants: null }));
  setTimeout(upkeep, more ? 0 : UPKEEP);
}
