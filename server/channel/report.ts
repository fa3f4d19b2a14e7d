/**
 * What a child reports to its master. Each request is reported immediately at human speed, and a
 * few times a second when they come faster, so that a chatty client costs the master nothing.
 */
import type { RequestReport } from "../../shared/log.ts";
import type { ChildChannel } from "./child-channel.ts";
import { type Activity, type LeaveReason, MAX_REQUESTS_LISTED } from "./messages.ts";
import { createPace } from "./pace.ts";
import { createPrinter, type Printer } from "./print.ts";

export interface Reporter extends Printer {
  /** The child has its client. */
  serving(): void;
  /** Counts a request, which is listed in the next report. */
  request(request: RequestReport): void;
  /** Counts requests that are not listed. */
  countRequests(count: number): void;
  /** Counts bytes received from the client, for the next report. */
  received(bytes: number): void;
  /** Counts bytes sent to the client and, if anything was counted, reports now or soon. */
  sent(bytes: number): void;
  /** The session ends. Sent once, and nothing is reported after it but what is printed. */
  leaving(reason: LeaveReason): void;
}

/** Reports over the channel, or whatever `channel` is in a rehearsal. */
export function createReporter(channel: Pick<ChildChannel, "send" | "isBehind">): Reporter {
  const { send } = channel;
  const isBehind = () => channel.isBehind;
  let bytesIn = 0;
  let bytesOut = 0;
  let requests: RequestReport[] = [];
  let unlisted = 0;
  let hasNews = false;
  let hasLeft = false;
  const printer = createPrinter(send, isBehind);
  const pace = createPace(() => send({ type: "report", ...takeActivity() }), isBehind);

  function takeActivity(): Activity {
    const activity = { bytesIn, bytesOut, requests, unlisted };
    requests = [];
    unlisted = 0;
    hasNews = false;
    return activity;
  }

  return {
    ...printer,
    serving: () => send({ type: "serving" }),
    request(request) {
      if (requests.length < MAX_REQUESTS_LISTED) requests.push(request);
      else unlisted += 1;
    },
    countRequests: (count) => void (unlisted += count),
    received(bytes) {
      bytesIn += bytes;
      hasNews ||= bytes > 0;
    },
    sent(bytes) {
      bytesOut += bytes;
      hasNews ||= bytes > 0 || requests.length > 0;
      if (hasNews && !hasLeft) pace.schedule();
    },
    leaving(reason) {
      if (hasLeft) return;
      hasLeft = true;
      pace.stop();
      printer.sendLines();
      send({ type: "leaving", reason, ...takeActivity() });
    },
  };
}
