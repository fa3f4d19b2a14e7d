/**
 * The child's side of IPC: tells the master of each request at once while they come at human speed,
 * and four times a second when they come faster, so that a chatty client costs the master nothing.
 */
import type { ChildMessage, LeaveReason, RequestReport } from "../shared/messages.ts";
import { MAX_REQUESTS_LISTED } from "../shared/messages.ts";

/** Reports that may go out at once, as a token bucket: its size and its refill per second. */
const BURST = 20;
const PER_SECOND = 4;

export interface Reporter {
  serving(): void;
  /** Notes a request; it is told with the next activity. */
  request(request: RequestReport): void;
  /** What the turn brought, in bytes; told now or, where too much was told lately, soon. */
  activity(received: number, sent: number): void;
  /** The last message; a second one is not sent: a session ends once. */
  leaving(reason: LeaveReason): void;
}

/** Reports with `tell`, which is to the master but for a rehearsal. */
export function reporter(tell: (message: ChildMessage) => void = tellMaster): Reporter {
  let bytesIn = 0;
  let bytesOut = 0;
  let requests: RequestReport[] = [];
  let more = 0;

  let tokens = BURST;
  let refilledAt = performance.now();
  let due: Timer | undefined;
  let left = false;

  function takeActivity() {
    const activity = { bytesIn, bytesOut, requests, more };
    requests = [];
    more = 0;
    return activity;
  }

  function mayTell(): boolean {
    const now = performance.now();
    tokens = Math.min(BURST, tokens + ((now - refilledAt) / 1000) * PER_SECOND);
    refilledAt = now;
    return tokens >= 1;
  }

  function tellActivity(): void {
    due = undefined;
    tokens -= 1;
    tell({ type: "report", ...takeActivity() });
  }

  return {
    serving: () => tell({ type: "serving" }),
    request(request) {
      if (requests.length < MAX_REQUESTS_LISTED) requests.push(request);
      else more += 1;
    },
    activity(received, sent) {
      bytesIn += received;
      bytesOut += sent;
      const news = received > 0 || sent > 0 || requests.length > 0;
      if (!news || left || due !== undefined) return;
      if (mayTell()) tellActivity();
      else due = setTimeout(tellActivity, 1000 / PER_SECOND);
    },
    leaving(reason) {
      if (left) return;
      left = true;
      clearTimeout(due);
      tell({ type: "leaving", reason, ...takeActivity() });
    },
  };
}

/** A spare's first word: it may be given its client. */
export function tellReady(): void {
  tellMaster({ type: "ready" });
}

/**
 * A master that died is no reason to fail the client: the child goes on alone.
 *
 * Messages are few and small, so the kernel takes each at once and none is lost by exiting after
 * it. To ask `process.send` to call back when it has costs each client a millisecond more.
 */
function tellMaster(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}
