/**
 * The child's side of IPC: tells the master of each request at once while they come at human speed,
 * and four times a second when they come faster, so that a chatty client costs the master nothing.
 */
import { type TokenBucket, takeTokens, waitForTokens } from "../../shared/token-bucket.ts";
import {
  type ChildMessage,
  type LeaveReason,
  MAX_ERROR_CHARS,
  MAX_PRINTED_LINE_CHARS,
  MAX_PRINTED_LINES,
  MAX_REQUESTS_LISTED,
} from "./messages.ts";
import type { RequestReport } from "../../shared/log.ts";

/** Reports that may go out at once, as a token bucket: its size and its refill per second. listing.ts counts on it. */
export const REPORT_BURST = 20;
export const REPORTS_PER_SECOND = 4;

const REPORT_BUCKET: TokenBucket = { capacity: REPORT_BURST, refillMs: 1000 / REPORTS_PER_SECOND };

export interface Reporter {
  serving(): void;
  /** Notes a request; it is told with the next activity. */
  request(request: RequestReport): void;
  /** Notes so many requests of which only the number is told. */
  requests(count: number): void;
  /** Notes so many bytes of the client; they are told with the next activity. */
  received(bytes: number): void;
  /** So many bytes were sent; told, with what was noted, now or, where too much was told lately, soon. */
  activity(sent: number): void;
  /** A line for the log, one character a byte; told likewise. */
  said(line: string): void;
  /** What the service threw: the first time it is told, then counted. */
  failed(error: string): void;
  /** The last message; a second one is not sent: a session ends once. */
  leaving(reason: LeaveReason): void;
  /** Tells what is still to be told for the log: the process ends. */
  flush(): void;
}

/** Reports with `tell`, which is to the master but for a rehearsal. */
export function createReporter(tell: (message: ChildMessage) => void = sendToMaster): Reporter {
  let bytesIn = 0;
  let bytesOut = 0;
  let requests: RequestReport[] = [];
  let more = 0;
  /** Something is noted that was not told. */
  let news = false;
  let lines: string[] = [];
  let moreLines = 0;
  let failures = 0;
  let left = false;

  const activity = paced(() => tell({ type: "report", ...takeActivity() }));
  const speech = paced(tellSaid);

  function takeActivity() {
    const taken = { bytesIn, bytesOut, requests, more };
    requests = [];
    more = 0;
    news = false;
    return taken;
  }

  function tellSaid(): void {
    if (lines.length === 0) return;
    const said = { lines, more: moreLines };
    lines = [];
    moreLines = 0;
    tell({ type: "said", ...said });
  }

  function flush(): void {
    tellSaid();
    if (failures <= 1) return;
    lines.push(`${failures - 1} more were thrown after the first`);
    failures = 1;
    tellSaid();
  }

  return {
    serving: () => tell({ type: "serving" }),
    request(request) {
      if (requests.length < MAX_REQUESTS_LISTED) requests.push(request);
      else more += 1;
    },
    requests(count) {
      more += count;
    },
    received(bytes) {
      bytesIn += bytes;
      news ||= bytes > 0;
    },
    activity(sent) {
      bytesOut += sent;
      news ||= sent > 0 || requests.length > 0;
      if (news && !left) activity.soon();
    },
    said(line) {
      if (lines.length < MAX_PRINTED_LINES) lines.push(line.slice(0, MAX_PRINTED_LINE_CHARS));
      else moreLines += 1;
      speech.soon();
    },
    failed(error) {
      failures += 1;
      if (failures === 1) tell({ type: "failed", error: error.slice(0, MAX_ERROR_CHARS) });
    },
    leaving(reason) {
      if (left) return;
      left = true;
      activity.stop();
      tellSaid();
      tell({ type: "leaving", reason, ...takeActivity() });
    },
    flush,
  };
}

/** Text as a reporter takes it: one character for each byte of its UTF-8. */
export function toBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** Calls `tell` now, or in a quarter of a second if it was called too often lately. */
function paced(tell: () => void): { soon(): void; stop(): void } {
  let fullAtMs = 0;
  let due: Timer | undefined;

  function tellNow(): void {
    due = undefined;
    fullAtMs = takeTokens(REPORT_BUCKET, fullAtMs, performance.now());
    tell();
  }

  return {
    soon() {
      if (due !== undefined) return;
      if (waitForTokens(REPORT_BUCKET, fullAtMs, performance.now()) <= 0) tellNow();
      else due = setTimeout(tellNow, REPORT_BUCKET.refillMs);
    },
    stop: () => clearTimeout(due),
  };
}

/** A spare's first word: it may be given its client. */
export function reportReady(): void {
  sendToMaster({ type: "ready" });
}

/**
 * A master that died is no reason to fail the client: the child goes on alone.
 *
 * Messages are few and small, so the kernel takes each at once and none is lost by exiting after
 * it. To ask `process.send` to call back when it has costs each client a millisecond more.
 */
export function sendToMaster(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}
