/** How much of what a child says stands in the log: all that an honest one says, and of a flood a part. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { handleChildMessage, flushUnlisted } from "../../../server/session/child-messages.ts";
import {
  LISTED_PER_SECOND,
  MAX_LISTED,
  createLogBudget,
} from "../../../server/session/log-budget.ts";
import { REPORT_BURST, REPORTS_PER_SECOND } from "../../../server/channel/report.ts";
import { createRooms } from "../../../server/session/rooms.ts";
import type { Session } from "../../../server/session/table.ts";
import type { LogEvent } from "../../../shared/log.ts";
import { MAX_PRINTED_LINES } from "../../../server/channel/messages.ts";

const LINES = Array.from({ length: MAX_PRINTED_LINES }, (_, i) => `line ${i}`);

/** Messages at once; with twice as many in a second a child is ended for their number. */
const FLOOD = 400;

/** What it prints is paced for itself. */
const PRINTED = LINES.map((line) => `printed ${line}`);

/** Times (ms) at which an honest child that has always something to say tells it. */
const TOLD = Array.from(
  { length: 500 },
  (_, i) => Math.max(0, i - REPORT_BURST) * (1000 / REPORTS_PER_SECOND),
);

/** What its master logs of one child. */
function logging() {
  const events: LogEvent[] = [];
  const session = {
    state: { name: "serving" },
    listing: { lines: createLogBudget(), requests: createLogBudget() },
    clock: { started: 0, active: 0 },
  } as Session;
  const log = (event: LogEvent) => void events.push(event);
  const rooms = createRooms({ send() {}, broken() {} });
  const counted = (name: "lines not listed" | "requests not listed") =>
    events.reduce((sum, event) => sum + (event.event === name ? event.count : 0), 0);
  const began = performance.now();
  return {
    hear: (message: object) => handleChildMessage(session, message, rooms, log),
    end: () => flushUnlisted(session, log),
    /** How many may be listed, of a flood that has taken until now. */
    mostListed: () =>
      MAX_LISTED + Math.ceil(((performance.now() - began) / 1000) * LISTED_PER_SECOND),
    listed: (name: "printed" | "request") => events.filter(({ event }) => event === name).length,
    counted,
    events,
  };
}

test("of an honest child's lines each is listed, though the master is held up for some seconds", () => {
  const holdUp = fc.record({ from: fc.nat(120_000), ms: fc.nat(4000) });
  fc.assert(
    fc.property(holdUp, ({ from, ms }) => {
      const listing = createLogBudget();
      for (const told of TOLD) {
        const heard = told >= from && told < from + ms ? from + ms : told;
        for (const lines of [LINES, PRINTED]) {
          expect(listing.take(lines, 7, heard)).toEqual({ items: lines, notListed: 7 });
        }
      }
      expect(listing.rest()).toBe(0);
    }),
  );
});

test("of a flood of lines a part is listed, and all others are counted", () => {
  const { hear, end, mostListed, listed, counted, events } = logging();
  for (let i = 0; i < FLOOD; i += 1)
    expect(hear({ type: "said", lines: LINES, more: 3 })).toBe(true);
  end();
  expect(listed("printed")).toBeWithin(MAX_LISTED / 2, mostListed() + 1);
  expect(listed("printed") + counted("lines not listed")).toBe(FLOOD * (LINES.length + 3));
  expect(events.length).toBeLessThanOrEqual(mostListed() + 1);
});

test("of a flood of requests a part is listed, all others are counted, and the last one is known", () => {
  const { hear, end, mostListed, listed, counted, events } = logging();
  const requests = LINES.map((text) => ({ kind: "invalid", text }));
  for (let i = 0; i < FLOOD; i += 1) {
    expect(hear({ type: "report", bytesIn: 1, bytesOut: 1, requests, more: 3 })).toBe(true);
  }
  end();
  expect(listed("request") + counted("requests not listed")).toBe(FLOOD * (LINES.length + 3));
  expect(events.length).toBeLessThanOrEqual(mostListed() + 1);
});

test("what could not be listed is told of with the next that is", () => {
  const listing = createLogBudget();
  while (listing.take(LINES, 0, 0).items.length > 0);
  const waiting = listing.rest();
  expect(waiting).toBeGreaterThanOrEqual(LINES.length);
  expect(listing.take(["c"], 1, 1000)).toEqual({ items: ["c"], notListed: waiting + 1 });
  expect(listing.rest()).toBe(0);
});
