import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type Exit,
  INITIAL_STATE,
  next,
  type SessionEvent,
  type SessionState,
} from "../../../server/session/state.ts";
import { END_REASONS, type EndReason } from "../../../shared/outcome.ts";
import { SIGNALS } from "../../../shared/signals.ts";

const SERVING: SessionEvent = { type: "serving" };
const LEAVING = { type: "leaving", reason: "quit" } as const;

const EXIT: Exit = {
  exitCode: null,
  signal: null,
  operatorSignals: [],
  terminationCause: null,
  isStopping: false,
  isProgram: false,
};

function exited(exit: Partial<Exit>): SessionEvent & Exit {
  return { type: "exited", ...EXIT, ...exit };
}

function stateAfter(...events: SessionEvent[]): SessionState {
  return events.reduce(next, INITIAL_STATE);
}

function reasonAfter(...events: SessionEvent[]): EndReason {
  const state = stateAfter(...events);
  if (state.name !== "ended") throw new Error(`${state.name}, not ended`);
  return state.reason;
}

test("a session starts, serves, leaves and ends", () => {
  expect(stateAfter().name).toBe("starting");
  expect(stateAfter(SERVING).name).toBe("serving");
  expect(stateAfter(SERVING, LEAVING).name).toBe("leaving");
  expect(stateAfter(SERVING, LEAVING, exited({ exitCode: 0 })).name).toBe("ended");
});

describe("the end reason", () => {
  const cases: [what: string, exit: Partial<Exit>, before: SessionEvent[], reason: EndReason][] = [
    ["the child reported quit and exited", { exitCode: 0 }, [SERVING, LEAVING], "quit"],
    ["its client left", { exitCode: 0 }, [{ type: "leaving", reason: "left" }], "client left"],
    ["its client reset", { exitCode: 0 }, [{ type: "leaving", reason: "reset" }], "client reset"],
    ["its client was idle", { exitCode: 0 }, [{ type: "leaving", reason: "idle" }], "idle"],
    ["it exited without leaving", { exitCode: 0 }, [SERVING], "crashed"],
    ["it exited before it served", { exitCode: 1 }, [], "crashed"],
    ["it failed while it was leaving", { exitCode: 1 }, [SERVING, LEAVING], "crashed"],
    ["a signal from outside", { signal: "SIGKILL" }, [SERVING], "killed by signal"],
    ["a signal of its own making", { signal: "SIGSEGV" }, [SERVING], "crashed"],
    [
      "the operator's signal",
      { signal: "SIGTERM", operatorSignals: ["TERM"] },
      [SERVING],
      "killed by operator",
    ],
    [
      "the operator's second signal",
      { signal: "SIGKILL", operatorSignals: ["TERM", "KILL"] },
      [SERVING],
      "killed by operator",
    ],
    [
      "another signal than the operator's",
      { signal: "SIGKILL", operatorSignals: ["STOP", "CONT"] },
      [SERVING],
      "killed by signal",
    ],
    ["the server stopped", { signal: "SIGTERM", isStopping: true }, [SERVING], "server stopped"],
    [
      "the operator sent a signal, then the server stopped",
      { signal: "SIGTERM", operatorSignals: ["TERM"], isStopping: true },
      [SERVING],
      "killed by operator",
    ],
    [
      "it had quit when the server stopped",
      { exitCode: 0, isStopping: true },
      [SERVING, LEAVING],
      "quit",
    ],
    [
      "the master ended it for a missed deadline",
      { signal: "SIGKILL", terminationCause: "stuck", isStopping: true },
      [SERVING],
      "stuck",
    ],
    [
      "it quit before the master's signal came",
      { exitCode: 0, terminationCause: "stuck" },
      [SERVING, LEAVING],
      "quit",
    ],
    ["a program exited with 0", { exitCode: 0, isProgram: true }, [SERVING], "program ended"],
    ["a program exited with 3", { exitCode: 3, isProgram: true }, [SERVING], "program failed"],
  ];
  for (const [what, exit, before, reason] of cases) {
    test(`${what}: ${reason}`, () => {
      expect(reasonAfter(...before, exited(exit))).toBe(reason);
    });
  }
});

test("whatever happens, a session gets one end reason, when its child exits, and keeps it", () => {
  const leaving = fc
    .constantFrom("quit" as const, "left" as const, "reset" as const, "idle" as const)
    .map((reason): SessionEvent => ({ type: "leaving", reason }));
  const exit = fc
    .record({
      exitCode: fc.option(fc.nat(255)),
      signal: fc.option(fc.constantFrom("SIGTERM", "SIGKILL", "SIGSEGV")),
      operatorSignals: fc.array(fc.constantFrom(...SIGNALS)),
      terminationCause: fc.option(
        fc.constantFrom("stuck" as const, "misbehaved" as const, "session too long" as const),
      ),
      isStopping: fc.boolean(),
      isProgram: fc.boolean(),
    })
    .map(exited);
  const event = fc.oneof(fc.constant(SERVING), leaving, exit);
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
      const end = events.find((one): one is SessionEvent & Exit => one.type === "exited");
      if (end !== undefined) expectReasonFits(reason as EndReason, end);
    }),
    { numRuns: 1000 },
  );
});

/** What holds of every end reason, whatever came before the exit. */
function expectReasonFits(reason: EndReason, exit: Exit): void {
  const { signal, terminationCause, operatorSignals, isProgram } = exit;
  expect(END_REASONS).toContain(reason);
  const causes: EndReason[] = ["stuck", "misbehaved", "session too long"];
  if (signal !== null && terminationCause !== null) expect(reason).toBe(terminationCause);
  else expect(causes).not.toContain(reason);
  const isProgramReason = reason === "program ended" || reason === "program failed";
  expect(isProgramReason).toBe(isProgram && signal === null);
  if (isProgramReason) expect(reason === "program ended").toBe(exit.exitCode === 0);
  if (reason === "killed by operator") expect(operatorSignals).not.toBeEmpty();
  if (reason === "server stopped") expect(exit.isStopping).toBe(true);
}
