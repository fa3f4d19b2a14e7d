import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type Exit,
  next,
  type SessionEvent,
  INITIAL_STATE,
  type SessionState,
  type TerminationCause,
} from "../../../server/session/state.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import type { EndReason } from "../../../shared/outcome.ts";

const ADOPTED: SessionEvent = { type: "adopted" };
const LEAVING = { type: "leaving", reason: "quit" } as const;

const CAUSES: readonly TerminationCause[] = ["stuck", "misbehaved", "session too long"];

/** How those end that take leave, of the reasons that the property generates. */
const LEFT_REASONS: readonly EndReason[] = ["quit", "client left", "client reset", "idle"];

function exited(exit: Partial<Exit>): SessionEvent {
  return {
    type: "exited",
    exitCode: null,
    signal: null,
    sent: [],
    condemned: null,
    stopping: false,
    isProgram: false,
    ...exit,
  };
}

function live(...events: SessionEvent[]): SessionState {
  return events.reduce(next, INITIAL_STATE);
}

function reasonAfter(...events: SessionEvent[]): EndReason {
  const state = live(...events);
  if (state.name !== "ended") throw new Error(`${state.name}, not ended`);
  return state.reason;
}

test("a session starts, serves, leaves and ends", () => {
  expect(live().name).toBe("starting");
  expect(live(ADOPTED).name).toBe("serving");
  expect(live(ADOPTED, LEAVING).name).toBe("leaving");
  expect(live(ADOPTED, LEAVING, exited({ exitCode: 0 })).name).toBe("ended");
});

describe("the reason of the end", () => {
  const cases: [what: string, exit: Partial<Exit>, before: SessionEvent[], reason: EndReason][] = [
    ["the child said quit and exited", { exitCode: 0 }, [ADOPTED, LEAVING], "quit"],
    ["its client left", { exitCode: 0 }, [{ type: "leaving", reason: "left" }], "client left"],
    ["its client reset", { exitCode: 0 }, [{ type: "leaving", reason: "reset" }], "client reset"],
    ["its client was idle", { exitCode: 0 }, [{ type: "leaving", reason: "idle" }], "idle"],
    ["it exited without a word", { exitCode: 0 }, [ADOPTED], "crashed"],
    ["it exited before it served", { exitCode: 1 }, [], "crashed"],
    ["it failed after it took leave", { exitCode: 1 }, [ADOPTED, LEAVING], "crashed"],
    ["a signal from outside", { signal: "SIGKILL" }, [ADOPTED], "killed by signal"],
    [
      "the operator's signal",
      { signal: "SIGTERM", sent: ["TERM"] },
      [ADOPTED],
      "killed by operator",
    ],
    [
      "the operator's second signal",
      { signal: "SIGKILL", sent: ["TERM", "KILL"] },
      [ADOPTED],
      "killed by operator",
    ],
    [
      "another signal than the operator's",
      { signal: "SIGKILL", sent: ["STOP", "CONT"] },
      [ADOPTED],
      "killed by signal",
    ],
    ["the server stopped", { signal: "SIGTERM", stopping: true }, [ADOPTED], "server stopped"],
    [
      "the operator was first, then the server stopped",
      { signal: "SIGTERM", sent: ["TERM"], stopping: true },
      [ADOPTED],
      "killed by operator",
    ],
    [
      "it had quit when the server stopped",
      { exitCode: 0, stopping: true },
      [ADOPTED, LEAVING],
      "quit",
    ],
  ];
  for (const [what, exit, before, reason] of cases) {
    test(`${what}: ${reason}`, () => {
      expect(reasonAfter(...before, exited(exit))).toBe(reason);
    });
  }
});

test("whatever happens, there is one reason, it comes with the exit, and it stays", () => {
  const leaving = fc
    .constantFrom("quit" as const, "left" as const, "reset" as const, "idle" as const)
    .map((reason): SessionEvent => ({ type: "leaving", reason }));
  // All that an exit has: what is not generated here is not tested.
  const everything = {
    exitCode: fc.option(fc.nat(255)),
    signal: fc.option(fc.constantFrom("SIGTERM", "SIGKILL", "SIGSEGV")),
    sent: fc.array(fc.constantFrom(...SIGNALS)),
    condemned: fc.option(fc.constantFrom(...CAUSES)),
    stopping: fc.boolean(),
    isProgram: fc.boolean(),
  } satisfies { [Field in keyof Exit]: fc.Arbitrary<Exit[Field]> };
  const exit = fc.record(everything).map((all): SessionEvent => ({ type: "exited", ...all }));
  const event = fc.oneof(fc.constant(ADOPTED), leaving, exit);
  const generated = { condemned: 0, programs: 0 };
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const order = ["starting", "serving", "leaving", "ended"];
      let state = INITIAL_STATE;
      let reason: EndReason | undefined;
      for (const happened of events) {
        const after = next(state, happened);
        expect(order.indexOf(after.name)).toBeGreaterThanOrEqual(order.indexOf(state.name));
        if (happened.type === "exited") {
          expect(after.name).toBe("ended");
          if (state.name !== "ended" && after.name === "ended") {
            if (happened.condemned !== null) generated.condemned += 1;
            if (happened.isProgram) generated.programs += 1;
            expectFits(after.reason, happened, state);
          }
        }
        state = after;
        if (state.name === "ended") reason ??= state.reason;
      }
      if (state.name === "ended") expect(state.reason).toBe(reason as EndReason);
      expect(state.name === "ended").toBe(events.some(({ type }) => type === "exited"));
    }),
  );
  expect(generated.condemned).toBeGreaterThan(0);
  expect(generated.programs).toBeGreaterThan(0);
});

/** Which reasons an exit may have at all, whatever else happened. */
function expectFits(reason: EndReason, exit: Exit, before: SessionState): void {
  const bySignal = exit.signal !== null;
  // Whoever was ended by the master is not said to be killed by anyone else.
  if (bySignal && exit.condemned !== null) return expect(reason).toBe(exit.condemned);
  expect(CAUSES).not.toContain(reason);
  expect(reason === "program ended" || reason === "program failed").toBe(
    exit.isProgram && !bySignal,
  );
  if (exit.isProgram && !bySignal) {
    return expect(reason).toBe(exit.exitCode === 0 ? "program ended" : "program failed");
  }
  if (reason === "killed by operator")
    expect(exit.sent.map(String)).toContain(exit.signal!.slice(3));
  if (reason === "server stopped") expect(exit.stopping).toBe(true);
  if (LEFT_REASONS.includes(reason)) {
    expect({ ...exit, state: before.name }).toMatchObject({
      exitCode: 0,
      signal: null,
      isProgram: false,
      state: "leaving",
    });
  }
}
