/** The life of the master: every transition, and what is impossible. */
import { expect, test } from "bun:test";
import type { Pause } from "../../../server/accept/pause.ts";
import {
  isStopping,
  type MasterEvent,
  type MasterState,
  next,
  stageOf,
  stateStatus,
} from "../../../server/master/state.ts";

const pause = { status: () => ({ state: "paused", until: 7, pausedBy: null }) } as Pause;
const opened = { pause, stopWatchdog() {} };

const LISTENING: MasterEvent = { type: "listening", ...opened };
const STOP: MasterEvent = { type: "stop", drainUntil: null };
const DRAIN: MasterEvent = { type: "stop", drainUntil: 5 };
const STEP_OVER: MasterEvent = { type: "step over" };
const ALL_ENDED: MasterEvent = { type: "all ended" };
const EVENTS = [LISTENING, STOP, DRAIN, STEP_OVER, ALL_ENDED];

const STARTING: MasterState = { name: "starting" };
const OPEN: MasterState = { name: "open", ...opened };
const DRAINING: MasterState = { name: "draining", until: 5 };
const TERMINATING: MasterState = { name: "terminating" };
const KILLING: MasterState = { name: "killing" };
const STOPPED: MasterState = { name: "stopped" };

const TRANSITIONS: [MasterState, Map<MasterEvent, MasterState>][] = [
  [STARTING, new Map<MasterEvent, MasterState>([[LISTENING, OPEN]])],
  [
    OPEN,
    new Map<MasterEvent, MasterState>([
      [STOP, TERMINATING],
      [DRAIN, DRAINING],
    ]),
  ],
  [
    DRAINING,
    new Map<MasterEvent, MasterState>([
      [STEP_OVER, TERMINATING],
      [ALL_ENDED, STOPPED],
    ]),
  ],
  [
    TERMINATING,
    new Map<MasterEvent, MasterState>([
      [STEP_OVER, KILLING],
      [ALL_ENDED, STOPPED],
    ]),
  ],
  [KILLING, new Map<MasterEvent, MasterState>([[ALL_ENDED, STOPPED]])],
  [STOPPED, new Map()],
];

for (const [state, transitions] of TRANSITIONS) {
  test(`from "${state.name}" each event leads to its state, or throws`, () => {
    for (const event of EVENTS) {
      const expected = transitions.get(event);
      if (expected === undefined) expect(() => next(state, event)).toThrow(`is ${state.name}`);
      else expect(next(state, event)).toEqual(expected);
    }
  });
}

test("outside, a master is accepting, paused, draining or stopping", () => {
  expect([STARTING, OPEN, DRAINING, TERMINATING, KILLING, STOPPED].map(stateStatus)).toEqual([
    { state: "accepting", until: null, pausedBy: null },
    { state: "paused", until: 7, pausedBy: null },
    { state: "draining", until: 5, pausedBy: null },
    { state: "stopping", until: null, pausedBy: null },
    { state: "stopping", until: null, pausedBy: null },
    { state: "stopping", until: null, pausedBy: null },
  ]);
});

test("children are left alone until the drain is over, and replaced until it begins", () => {
  const states = [STARTING, OPEN, DRAINING, TERMINATING, KILLING, STOPPED];
  expect(states.map(stageOf)).toEqual([
    "running",
    "running",
    "draining",
    "stopping",
    "stopping",
    "stopping",
  ]);
  expect(states.map(isStopping)).toEqual([false, false, true, true, true, true]);
});
