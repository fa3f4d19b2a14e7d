import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type Exit,
  next,
  type SessionEvent,
  INITIAL_STATE,
  type SessionState,
} from "../../../server/session/state.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import type { EndReason } from "../../../shared/outcome.ts";

const ADOPTED: SessionEvent = { type: "adopted" };
const LEAVING = { type: "leaving", reason: "quit" } as const;

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
  const exit = fc
    .record({
      exitCode: fc.option(fc.nat(255)),
      signal: fc.option(fc.constantFrom("SIGTERM", "SIGKILL", "SIGSEGV")),
      sent: fc.array(fc.constantFrom(...SIGNALS)),
      stopping: fc.boolean(),
    })
    .map(exited);
  const event = fc.oneof(fc.constant(ADOPTED), leaving, exit);
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const order = ["starting", "serving", "leaving", "ended"];
      let state = INITIAL_STATE;
      let reason: EndReason | undefined;
      for (const happened of events) {
        const after = next(state, happened);
        expect(order.indexOf(after.name)).toBeGreaterThanOrEqual(order.indexOf(state.name));
        if (happened.type === "exited") expect(after.name).toBe("ended");
        state = after;
        if (state.name === "ended") reason ??= state.reason;
      }
      if (state.name === "ended") expect(state.reason).toBe(reason as EndReason);
      expect(state.name === "ended").toBe(events.some(({ type }) => type === "exited"));
    }),
  );
});
