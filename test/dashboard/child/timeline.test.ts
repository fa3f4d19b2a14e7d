import { describe, expect, test } from "bun:test";
import { phases, timeline } from "../../../dashboard/child/timeline.ts";
import type { SessionRecord } from "../../../shared/history.ts";
import type { LogEntry, LogEvent } from "../../../shared/log.ts";

const who = { id: "a-1", pid: 7, remoteAddress: "127.0.0.1", remotePort: 1 };

/** A session accepted at 1000. */
function session(change: Partial<SessionRecord> = {}): SessionRecord {
  return {
    ...who,
    source: "127.0.0.1",
    startedAt: 1000,
    servingMs: 20.5,
    firstReplyMs: null,
    endedAt: null,
    reason: "live",
    exitCode: null,
    signal: null,
    requests: 0,
    bytesIn: 0,
    bytesOut: 0,
    cpuMs: null,
    maxResidentBytes: null,
    ...change,
  };
}

function logged(...entries: [at: number, event: LogEvent][]): LogEntry[] {
  return entries.map(([at, event], i) => ({ seq: i + 1, at, event }));
}

const sent: LogEvent = { event: "signal sent", signal: "TERM", by: "anna", job: null, ...who };
const answered: LogEvent = {
  event: "signal outcome",
  job: null,
  by: "anna",
  sent: ["TERM"],
  outcome: "gone",
  ms: 9,
  leftovers: 0,
  ...who,
};

describe("timeline", () => {
  test("has the steps in order, each with the time since the previous one", () => {
    const log = logged([1002, { event: "spawned", spare: false, ...who }], [1500, sent]);
    expect(timeline(session({ firstReplyMs: 30 }), log)).toMatchObject([
      { step: "accepted", at: 1000, sinceAcceptedMs: 0, sincePreviousMs: null },
      { step: "logged", sinceAcceptedMs: 2, sincePreviousMs: 2 },
      { step: "serving", sinceAcceptedMs: 20.5, sincePreviousMs: 18.5 },
      { step: "first reply", sinceAcceptedMs: 30, sincePreviousMs: 9.5 },
      { step: "logged", sinceAcceptedMs: 500, sincePreviousMs: 470 },
    ]);
  });

  test("ends with the end, although the outcome of a signal is logged slightly later", () => {
    const ended = session({ endedAt: 2000, reason: "killed by operator" });
    const steps = timeline(ended, logged([1990, sent], [2003, answered]));
    expect(steps.slice(-2)).toMatchObject([
      { event: { event: "signal outcome" }, at: 2000 },
      { step: "ended", reason: "killed by operator", at: 2000, sincePreviousMs: 0 },
    ]);
  });

  test("of a lost session goes as far as its log", () => {
    const steps = timeline(session({ reason: "lost" }), logged([1700, sent]));
    expect(steps.at(-1)).toMatchObject({ step: "lost", at: 1700, sincePreviousMs: 0 });
  });

  test("has no negative times after the clock was set back", () => {
    const steps = timeline(session({ endedAt: 900, reason: "quit" }), logged([10, sent]));
    expect(steps.map(({ sinceAcceptedMs }) => sinceAcceptedMs)).toEqual([0, 0, 0, 0]);
  });

  test("has the first and the last of very many signals", () => {
    const many = Array.from({ length: 1000 }, (_, i): [number, LogEvent] => [1100 + i, sent]);
    const steps = timeline(session(), logged(...many));
    expect(steps.length).toBeLessThan(50);
    expect(steps.at(-1)?.at).toBe(2099);
  });
});

describe("phases", () => {
  test("of a live session last until now, and leave out what has not been reached", () => {
    expect(phases(session({ servingMs: null }), [], 1010)).toEqual([{ name: "starting", ms: 10 }]);
    expect(phases(session({ firstReplyMs: 30.5 }), [], 1100)).toEqual([
      { name: "starting", ms: 20.5 },
      { name: "before a reply", ms: 10 },
      { name: "serving", ms: 69.5 },
    ]);
  });

  test("of a program start with serving, since nobody knows when it replied", () => {
    const program = session({
      bytesIn: null,
      bytesOut: null,
      endedAt: 1100,
      reason: "program ended",
    });
    expect(phases(program, [], 5000).map(({ name }) => name)).toEqual(["starting", "serving"]);
  });
});
