/** The life of a connection, without a socket. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  canPass,
  type ConnectionEvent,
  type ConnectionState,
  type DeadlineName,
  isOpen,
  next,
} from "../../../server/child/connection-state.ts";

const STARTING = { name: "starting" } as ConnectionState;

function after(...events: ConnectionEvent[]): ConnectionState {
  return events.reduce(next, STARTING);
}

const announced: ConnectionEvent = { type: "announced" };
const quit: ConnectionEvent = { type: "finish", reason: "quit" };
const drained: ConnectionEvent = { type: "drained" };
const clientEnded: ConnectionEvent = { type: "client ended" };
const reset: ConnectionEvent = { type: "lost", reason: "reset" };
const deadline = (name: "first byte" | "idle" | "session" | "last reply" | "linger") =>
  ({ type: "deadline", name }) as const;

for (const [what, events, state] of [
  ["is served when the master knows", [announced], { name: "serving" }],
  ["finishes when the service does", [announced, quit], { name: "finishing", reason: "quit" }],
  ["lingers when its last reply is sent", [quit, drained], { name: "lingering", reason: "quit" }],
  [
    "closes when the client ends it",
    [quit, drained, clientEnded],
    { name: "closed", reason: "quit" },
  ],
  ["stays open when a reply is sent", [announced, drained], { name: "serving" }],
  ["stays open when the client sends nothing more", [announced, clientEnded], { name: "serving" }],
  ["closes when it breaks", [announced, reset], { name: "closed", reason: "reset" }],
  ["keeps its reason when it breaks later", [quit, reset], { name: "closed", reason: "quit" }],
  ["expires", [announced, deadline("idle")], { name: "expiring", reason: "idle" }],
  [
    "keeps its reason when a deadline of the session passes later",
    [announced, quit, deadline("session")],
    { name: "expiring", reason: "quit" },
  ],
  [
    "lingers when its last reply is sent in time",
    [announced, deadline("session"), drained],
    { name: "lingering", reason: "session too long" },
  ],
  [
    "closes when its last reply is not taken",
    [announced, deadline("first byte"), deadline("last reply")],
    { name: "closed", reason: "no first byte" },
  ],
  [
    "closes when the client does not end it",
    [quit, drained, deadline("linger")],
    { name: "closed", reason: "quit" },
  ],
] as [string, ConnectionEvent[], ConnectionState][]) {
  test(`a connection ${what}`, () => {
    expect(after(...events)).toEqual(state);
  });
}

const anyEvent: fc.Arbitrary<ConnectionEvent> = fc.oneof(
  fc.constantFrom(announced, drained, clientEnded, reset, quit),
  fc.constant<ConnectionEvent>({ type: "lost", reason: "left" }),
  fc.constant<ConnectionEvent>({ type: "finish", reason: "ended by service" }),
  fc.constantFrom("first byte", "idle", "session", "last reply", "linger").map(deadline),
);

const ORDER = ["starting", "serving", "finishing", "expiring", "lingering", "closed"];

test("a connection never goes back, and the reason for which it ends never changes", () => {
  fc.assert(
    fc.property(fc.array(anyEvent), (events) => {
      let state: ConnectionState = STARTING;
      for (const event of events) {
        const before = state;
        state = next(before, event);
        expect(ORDER.indexOf(state.name)).toBeGreaterThanOrEqual(ORDER.indexOf(before.name));
        if (state.name === before.name) expect(state).toBe(before);
        if (!isOpen(before)) expect(state).toHaveProperty("reason", before.reason);
      }
    }),
  );
});

test("a deadline changes nothing in a state in which it cannot pass", () => {
  fc.assert(
    fc.property(fc.array(anyEvent), anyEvent, (events, last) => {
      fc.pre(last.type === "deadline");
      const state = after(...events);
      if (last.type === "deadline" && !canPass(last.name, state))
        expect(next(state, last)).toBe(state);
    }),
  );
});

test("every state but the first two and the last ends by itself", () => {
  const endings: DeadlineName[] = ["last reply", "linger"];
  for (const name of ["finishing", "expiring", "lingering"] as const) {
    expect(endings.some((ending) => canPass(ending, { name, reason: "left" }))).toBe(true);
  }
});
