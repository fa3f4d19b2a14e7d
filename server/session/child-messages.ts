/** What a child says of its session. It serves a stranger, so nothing is believed that was not checked. */
import { escapeBytes, escapeLines } from "../../shared/escape.ts";
import type { LogEvent } from "../../shared/log.ts";
import { type Activity, parseChildMessage } from "../channel/messages.ts";
import type { Rooms } from "./rooms.ts";
import { next } from "./state.ts";
import { type Session, identityOf } from "./table.ts";

/** Takes whatever came over IPC and notes it in the session; false if it is no message of ours. */
export function handleChildMessage(
  session: Session,
  value: unknown,
  rooms: Rooms,
  log: (event: LogEvent) => void,
): boolean {
  session.heardAt = performance.now();
  const message = parseChildMessage(value);
  if (message === null) return false;
  // Of these there are few beside what others had to send it: mailbox.ts.
  if (message.type !== "heard") session.messages += 1;
  switch (message.type) {
    case "ready":
      break; // only a spare that has no client yet says this
    case "serving":
      if (session.state.name !== "starting") break;
      session.state = next(session.state, { type: "adopted" });
      session.servingMs = performance.now() - session.clock.started;
      log({ event: "serving", ms: session.servingMs, ...identityOf(session) });
      break;
    case "report":
      note(session, message, log);
      break;
    case "said": {
      const { items, notListed } = session.listing.lines.take(message.lines, message.more);
      for (const line of items)
        log({ event: "printed", text: escapeBytes(line), ...identityOf(session) });
      if (notListed > 0)
        log({ event: "lines not listed", count: notListed, ...identityOf(session) });
      break;
    }
    case "failed":
      if (session.hasFailed) return false;
      session.hasFailed = true;
      log({ event: "failed", error: escapeLines(message.error), ...identityOf(session) });
      break;
    case "ask":
      return rooms.ask(session, message);
    case "heard":
      return rooms.heard(session, message.mark);
    case "leaving":
      note(session, message, log);
      session.state = next(session.state, { type: "leaving", reason: message.reason });
  }
  return true;
}

function note(session: Session, activity: Activity, log: (event: LogEvent) => void): void {
  // The time to take leave runs from its first word on; what is said in it wins no more of it.
  if (session.state.name !== "leaving") {
    session.lastActiveAt = Date.now();
    session.clock.active = performance.now();
  }
  // A child that counts backwards was taken over.
  const received = Math.max(0, activity.bytesIn - (session.bytesIn ?? 0));
  const sent = Math.max(0, activity.bytesOut - (session.bytesOut ?? 0));
  session.bytesIn = activity.bytesIn;
  session.bytesOut = activity.bytesOut;
  if (session.firstReplyMs === null && activity.bytesOut > 0) {
    session.firstReplyMs = performance.now() - session.clock.started;
    log({ event: "first reply", ms: session.firstReplyMs, ...identityOf(session) });
  }
  session.requests += activity.requests.length + activity.more;
  // A service that lists none of its requests has them counted only.
  const last = activity.requests.at(-1);
  if (last === undefined) return;
  session.lastCommand = escapeBytes(last.text);
  const isAlone = activity.requests.length + activity.more === 1;
  const [bytesIn, bytesOut] = isAlone ? [received, sent] : [null, null];
  const { items, notListed } = session.listing.requests.take(activity.requests, activity.more);
  for (const { kind, text } of items) {
    const command = escapeBytes(text.slice(0, 4));
    const told = { kind, text: escapeBytes(text), command, bytesIn, bytesOut };
    log({ event: "request", ...told, ...identityOf(session) });
  }
  if (notListed > 0)
    log({ event: "requests not listed", count: notListed, ...identityOf(session) });
}

/** The child has ended: tells how much of what it said was not listed. */
export function flushUnlisted(session: Session, log: (event: LogEvent) => void): void {
  const lines = session.listing.lines.rest();
  if (lines > 0) log({ event: "lines not listed", count: lines, ...identityOf(session) });
  const requests = session.listing.requests.rest();
  if (requests > 0) log({ event: "requests not listed", count: requests, ...identityOf(session) });
}
