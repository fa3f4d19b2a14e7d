/**
 * What a child reports about its session. A child serves a stranger and may have been taken over,
 * so each message is checked, and bounded in what it can put in the log.
 */
import { escapeBytes, escapeLines } from "../../shared/escape.ts";
import type { LogEvent } from "../../shared/log.ts";
import { type Activity, type ChildMessage, parseChildMessage } from "../channel/messages.ts";
import type { Rooms } from "./rooms.ts";
import { advance, identityOf, type Session } from "./session.ts";

type Log = (event: LogEvent) => void;

/**
 * Records what came over the child's channel.
 * @returns false if it is no valid message, or one that an honest child would not send now.
 */
export function handleChildMessage(
  session: Session,
  value: unknown,
  rooms: Rooms,
  log: Log,
): boolean {
  const { reported } = session;
  const message = parseChildMessage(value);
  if (message === null) return false;
  switch (message.type) {
    case "ready":
      return true; // only a spare without a client sends it, and it goes to the pool
    case "serving":
      recordServing(session, log);
      return true;
    case "report":
      recordActivity(session, message, log);
      return true;
    case "printed":
      logLines(session, message, log);
      return true;
    case "failed":
      if (reported.hasFailed) return false;
      reported.hasFailed = true;
      log({ event: "failed", error: escapeLines(message.error), ...identityOf(session) });
      return true;
    case "request":
      rooms.request(session, message);
      return true;
    case "leaving":
      recordActivity(session, message, log);
      advance(session, { type: "leaving", reason: message.reason });
      return true;
  }
}

/**
 * The child has ended: logs how many of its lines and requests were not listed
 * since that was last logged.
 */
export function flushUnlisted(session: Session, log: Log): void {
  const { lines, requests } = session.reported.logBudget;
  logUnlisted(session, "lines not listed", lines.unlisted(), log);
  logUnlisted(session, "requests not listed", requests.unlisted(), log);
}

function recordServing(session: Session, log: Log): void {
  if (session.state.name !== "starting") return;
  advance(session, { type: "serving" });
  const servingMs = performance.now() - session.startedMonotonicMs;
  session.reported.servingMs = servingMs;
  log({ event: "serving", ms: servingMs, ...identityOf(session) });
}

function recordActivity(session: Session, activity: Activity, log: Log): void {
  const { reported } = session;
  // The time to leave runs from the child's first "leaving": nothing it
  // sends after that extends it.
  if (session.state.name !== "leaving") {
    reported.lastActiveAt = Date.now();
    reported.lastActiveMonotonicMs = performance.now();
  }
  // Totals that go down are a lie: the child was taken over.
  const received = Math.max(0, activity.bytesIn - (reported.bytesIn ?? 0));
  const sent = Math.max(0, activity.bytesOut - (reported.bytesOut ?? 0));
  reported.bytesIn = activity.bytesIn;
  reported.bytesOut = activity.bytesOut;
  if (reported.firstReplyMs === null && activity.bytesOut > 0) {
    reported.firstReplyMs = performance.now() - session.startedMonotonicMs;
    log({ event: "first reply", ms: reported.firstReplyMs, ...identityOf(session) });
  }
  reported.requests += activity.requests.length + activity.unlisted;
  logRequests(session, activity, received, sent, log);
}

/**
 * `received` and `sent`: the bytes of this report, which are one request's if
 * it is the only one in it.
 */
function logRequests(
  session: Session,
  { requests, unlisted }: Activity,
  received: number,
  sent: number,
  log: Log,
): void {
  const last = requests.at(-1);
  if (last === undefined) return; // this service has its requests counted, not listed
  const { reported } = session;
  reported.lastCommand = escapeBytes(last.text);
  const isOnlyOne = requests.length + unlisted === 1;
  const [bytesIn, bytesOut] = isOnlyOne ? [received, sent] : [null, null];
  const listed = reported.logBudget.requests.take(requests, unlisted);
  for (const { kind, text } of listed.items) {
    const command = escapeBytes(text.slice(0, 4));
    const request = { kind, text: escapeBytes(text), command, bytesIn, bytesOut };
    log({ event: "request", ...request, ...identityOf(session) });
  }
  logUnlisted(session, "requests not listed", listed.unlisted, log);
}

function logLines(
  session: Session,
  { lines, unlisted }: Extract<ChildMessage, { type: "printed" }>,
  log: Log,
): void {
  const listed = session.reported.logBudget.lines.take(lines, unlisted);
  for (const line of listed.items) {
    log({ event: "printed", text: escapeBytes(line), ...identityOf(session) });
  }
  logUnlisted(session, "lines not listed", listed.unlisted, log);
}

function logUnlisted(
  session: Session,
  event: "lines not listed" | "requests not listed",
  count: number,
  log: Log,
): void {
  if (count > 0) log({ event, count, ...identityOf(session) });
}
