/**
 * How much of what a child reports is logged: all of an honest child's lines, and part of a flood.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { handleChildMessage, flushUnlisted } from "../../../server/session/child-messages.ts";
import {
  LISTED_PER_SECOND,
  MAX_LISTED,
  createLogBudget,
} from "../../../server/session/log-budget.ts";
import { REPORT_BURST, REPORTS_PER_SECOND } from "../../../server/channel/pace.ts";
import { createRooms } from "../../../server/session/rooms.ts";
import type { Session } from "../../../server/session/session.ts";
import type { LogEvent } from "../../../shared/log.ts";
import { MAX_PRINTED_LINES } from "../../../server/channel/messages.ts";

const LINES = Array.from({ length: MAX_PRINTED_LINES }, (_, i) => `line ${i}`);

/** Messages at once. With more than 500 in a second the child would be killed for their number. */
const FLOOD = 400;

/** The child's output is paced separately. */
const PRINTED = LINES.map((line) => `printed ${line}`);

/** When an honest child that always has something to report sends its messages. */
const SENT_AT_MS = Array.from(
  { length: 500 },
  (_, i) => Math.max(0, i - REPORT_BURST) * (1000 / REPORTS_PER_SECOND),
);

/** A session that serves, and what is logged of it. */
function loggedSession() {
  const events: LogEvent[] = [];
  const session = {
    state: { name: "serving" },
    startedMonotonicMs: 0,
    child: { pid: 7 },
    reported: {
      requests: 0,
      logBudget: { lines: createLogBudget(), requests: createLogBudget() },
    },
  } as unknown as Session;
  const log = (event: LogEvent) => void events.push(event);
  const rooms = createRooms(() => null);
  const counted = (name: "lines not listed" | "requests not listed") =>
    events.reduce((sum, event) => sum + (event.event === name ? event.count : 0), 0);
  const startedMs = performance.now();
  return {
    send: (message: object) => handleChildMessage(session, message, rooms, log),
    session,
    end: () => flushUnlisted(session, log),
    /** How many entries may be listed of a flood that has lasted until now. */
    maxListed: () =>
      MAX_LISTED + Math.ceil(((performance.now() - startedMs) / 1000) * LISTED_PER_SECOND),
    listed: (name: "printed" | "request") => events.filter(({ event }) => event === name).length,
    counted,
    events,
  };
}

test("every line of an honest child is listed, even if the master is held up for some seconds", () => {
  const holdUp = fc.record({ from: fc.nat(120_000), ms: fc.nat(4000) });
  fc.assert(
    fc.property(holdUp, ({ from, ms }) => {
      const budget = createLogBudget();
      for (const sentAtMs of SENT_AT_MS) {
        const readAtMs = sentAtMs >= from && sentAtMs < from + ms ? from + ms : sentAtMs;
        for (const lines of [LINES, PRINTED]) {
          expect(budget.take(lines, 7, readAtMs)).toEqual({ items: lines, unlisted: 7 });
        }
      }
      expect(budget.unlisted()).toBe(0);
    }),
  );
});

test("of a flood of lines some are listed, and all others are counted", () => {
  const { send, end, maxListed, listed, counted, events } = loggedSession();
  for (let i = 0; i < FLOOD; i += 1)
    expect(send({ type: "printed", lines: LINES, unlisted: 3 })).toBe(true);
  end();
  expect(listed("printed")).toBeWithin(MAX_LISTED / 2, maxListed() + 1);
  expect(listed("printed") + counted("lines not listed")).toBe(FLOOD * (LINES.length + 3));
  expect(events.length).toBeLessThanOrEqual(maxListed() + 1);
});

test("of a flood of requests some are listed, all others are counted, and the last one is known", () => {
  const { session, send, end, maxListed, listed, counted, events } = loggedSession();
  const requests = LINES.map((text) => ({ kind: "invalid", text }));
  for (let i = 0; i < FLOOD; i += 1) {
    expect(send({ type: "report", bytesIn: 1, bytesOut: 1, requests, unlisted: 3 })).toBe(true);
  }
  end();
  expect(session.reported.lastCommand).toBe(LINES.at(-1) as string);
  expect(listed("request") + counted("requests not listed")).toBe(FLOOD * (LINES.length + 3));
  expect(events.length).toBeLessThanOrEqual(maxListed() + 1);
});

test("the number of unlisted lines comes with the next lines that are listed", () => {
  const budget = createLogBudget();
  while (budget.take(LINES, 0, 0).items.length > 0);
  const unlisted = budget.unlisted();
  expect(unlisted).toBeGreaterThanOrEqual(LINES.length);
  expect(budget.take(["c"], 1, 1000)).toEqual({ items: ["c"], unlisted: unlisted + 1 });
  expect(budget.unlisted()).toBe(0);
});
