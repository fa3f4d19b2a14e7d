/**
 * Whether the master accepts clients: every transition, and what holds
 * after any sequence of events.
 */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  ACCEPTING,
  isListening,
  next,
  type PauseEvent,
  type PauseState,
  pauseStatus,
} from "../../../server/accept/pause-state.ts";

const EVENTS: Record<string, PauseEvent> = {
  exhausted: { type: "exhausted", retryAt: 2 },
  "checked, none": { type: "checked", isAvailable: false, retryAt: 3 },
  "checked, available": { type: "checked", isAvailable: true, retryAt: 3 },
  failed: { type: "failed", retryAt: 4 },
  pause: { type: "pause", by: "anna" },
  resume: { type: "resume", by: "ben" },
};

const EXHAUSTED: PauseState = { name: "exhausted", retryAt: 1, resumedBy: null };
const UNPAUSABLE: PauseState = { name: "unpausable", retryAt: 1 };
const PAUSED: PauseState = { name: "paused", by: "carl" };
const BOTH: PauseState = { name: "paused, exhausted", retryAt: 1, by: "carl" };

/** What follows each event; events that are not listed change nothing. */
const TRANSITIONS: [PauseState, { [event: string]: PauseState }][] = [
  [
    ACCEPTING,
    {
      exhausted: { name: "exhausted", retryAt: 2, resumedBy: null },
      "checked, none": { name: "exhausted", retryAt: 3, resumedBy: null },
      failed: { name: "unpausable", retryAt: 4 },
      pause: { name: "paused", by: "anna" },
    },
  ],
  [
    EXHAUSTED,
    {
      "checked, none": { ...EXHAUSTED, retryAt: 3 },
      "checked, available": ACCEPTING,
      failed: { ...EXHAUSTED, retryAt: 4 },
      pause: { name: "paused, exhausted", retryAt: 1, by: "anna" },
    },
  ],
  [
    UNPAUSABLE,
    {
      "checked, none": { ...UNPAUSABLE, retryAt: 3 },
      "checked, available": ACCEPTING,
      failed: { ...UNPAUSABLE, retryAt: 4 },
      pause: { name: "paused, exhausted", retryAt: 1, by: "anna" },
    },
  ],
  [
    PAUSED,
    {
      exhausted: { name: "paused, exhausted", retryAt: 2, by: "carl" },
      "checked, none": { name: "paused, exhausted", retryAt: 3, by: "carl" },
      resume: ACCEPTING,
    },
  ],
  [
    BOTH,
    {
      "checked, none": { ...BOTH, retryAt: 3 },
      "checked, available": PAUSED,
      resume: { name: "exhausted", retryAt: 1, resumedBy: "ben" },
    },
  ],
];

for (const [state, transitions] of TRANSITIONS) {
  test(`from "${state.name}" each event leads to its state, or changes nothing`, () => {
    for (const [name, event] of Object.entries(EVENTS)) {
      const expected = transitions[name];
      if (expected === undefined) expect(next(state, event)).toBe(state);
      else expect([name, next(state, event)]).toEqual([name, expected]);
    }
  });
}

describe("after any sequence of events", () => {
  const events = fc.array(fc.constantFrom(...Object.values(EVENTS)), { maxLength: 40 });
  const after = (sequence: PauseEvent[]) => sequence.reduce(next, ACCEPTING);

  test("an operator's pause lasts until an operator resumes", () => {
    fc.assert(
      fc.property(events, events, (before, between) => {
        const paused = next(after(before), { type: "pause", by: "dora" });
        const by = pauseStatus(paused).pausedBy;
        const untilResumed = between.filter(({ type }) => type !== "resume");
        const state = untilResumed.reduce(next, paused);
        expect(pauseStatus(state)).toEqual({ state: "paused", until: null, pausedBy: by });
        expect(by).not.toBeNull();
      }),
    );
  });

  test("once there are descriptors and no operator pauses it, it accepts", () => {
    fc.assert(
      fc.property(events, (sequence) => {
        const resumed = next(after(sequence), { type: "resume", by: "dora" });
        const state = next(resumed, { type: "checked", isAvailable: true, retryAt: 5 });
        expect(state).toEqual(ACCEPTING);
      }),
    );
  });

  test("without descriptors no operator can make it accept", () => {
    fc.assert(
      fc.property(events, events, (before, between) => {
        const exhausted = next(after(before), { type: "exhausted", retryAt: 5 });
        fc.pre(!isListening(exhausted)); // it accepts only where the listener could not be paused
        const untilAvailable = between.filter(
          (event) => event.type !== "checked" || !event.isAvailable,
        );
        expect(isListening(untilAvailable.reduce(next, exhausted))).toBe(false);
      }),
    );
  });

  test("the status names an operator or a time, and never both", () => {
    fc.assert(
      fc.property(events, (sequence) => {
        const { state, until, pausedBy } = pauseStatus(after(sequence));
        expect(until === null || pausedBy === null).toBe(true);
        if (state === "paused") expect(until === null && pausedBy === null).toBe(false);
        else expect(pausedBy).toBeNull();
      }),
    );
  });
});
