/** What the master accepts from a child, which its client may have taken over. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  type ChildMessage,
  isName,
  LEAVE_REASONS,
  MAX_JSON_CHARS,
  MAX_PRINTED_LINE_CHARS,
  MAX_PRINTED_LINES,
  MAX_NAME_CHARS,
  MAX_REQUEST_CHARS,
  MAX_REQUESTS_LISTED,
  parseChildMessage,
} from "../../../server/channel/messages.ts";
import { sized } from "../../harness/sized.ts";

/** With other values each time. */
const NUM_RUNS = sized(1000, 20_000);

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

const count = fc.maxSafeNat();

const request = fc.record({
  kind: fc.constantFrom("time", "quit", "invalid", "too-long"),
  text: fc.string({ unit: "binary", maxLength: MAX_REQUEST_CHARS / 2 }),
});

const requests = fc.array(request, { maxLength: MAX_REQUESTS_LISTED });

const activity = { bytesIn: count, bytesOut: count, requests, unlisted: count };

const text = fc.string({ unit: "binary", maxLength: MAX_PRINTED_LINE_CHARS / 2 });

const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).filter(isName);

const json = fc
  .json({ maxDepth: 3 })
  .filter((one) => one.length <= MAX_JSON_CHARS && one.isWellFormed());

const pending = { type: fc.constant("request") };

const message = fc.oneof(
  fc.record({ type: fc.constantFrom("ready", "serving") }),
  fc.record({ type: fc.constant("report"), ...activity }),
  fc.record({
    type: fc.constant("leaving"),
    reason: fc.constantFrom(...LEAVE_REASONS),
    ...activity,
  }),
  fc.record({
    type: fc.constant("printed"),
    lines: fc.array(text, { maxLength: 32 }),
    unlisted: count,
  }),
  fc.record({ type: fc.constant("failed"), error: text }),
  fc.record({ ...pending, what: fc.constant("enter"), room: name, name }),
  fc.record({ ...pending, what: fc.constant("who"), room: name }),
  fc.record({ ...pending, what: fc.constant("broadcast"), json }),
  fc.record({ ...pending, what: fc.constant("send"), to: name, json }),
) as fc.Arbitrary<ChildMessage>;

/**
 * Whatever the master does with a message works: no part of it is missing, and none is too long.
 */
function expectSound(parsed: ChildMessage | null): void {
  if (parsed === null) return;
  // No message is longer than the limits on its parts allow.
  expect(JSON.stringify(parsed).length).toBeLessThan(
    6 * MAX_PRINTED_LINES * MAX_PRINTED_LINE_CHARS,
  );
  if ("lines" in parsed) {
    expect(parsed.lines.length).toBeLessThanOrEqual(MAX_PRINTED_LINES);
    for (const line of parsed.lines)
      expect(line.length).toBeLessThanOrEqual(MAX_PRINTED_LINE_CHARS);
  }
  if ("name" in parsed) expect([parsed.name, parsed.room].every(isName)).toBe(true);
  if ("json" in parsed) JSON.parse(parsed.json);
  if (!("requests" in parsed)) return;
  expect([parsed.bytesIn, parsed.bytesOut, parsed.unlisted].every((n) => n >= 0)).toBe(true);
  expect(parsed.requests.length).toBeLessThanOrEqual(MAX_REQUESTS_LISTED);
  for (const { kind, text } of parsed.requests) {
    expect(["time", "quit", "invalid", "too-long"]).toContain(kind);
    expect(text.length).toBeLessThanOrEqual(MAX_REQUEST_CHARS);
  }
}

test("every message of a child is accepted unchanged, whatever else is in it", () => {
  fc.assert(
    fc.property(message, fc.dictionary(fc.string(), anything), (message, more) => {
      expect(parseChildMessage({ ...more, ...message })).toEqual(message);
    }),
  );
});

test("anything else is no message, and nothing throws", () => {
  fc.assert(
    fc.property(anything, (value) => {
      expect(parseChildMessage(value)).toBeNull();
    }),
    { numRuns: NUM_RUNS },
  );
});

test("a message with a part replaced by anything is either rejected or usable", () => {
  const wrong = fc.oneof(
    anything,
    fc.constantFrom(-1, 0.5, NaN, Infinity, 2 ** 53, "1", null),
    fc.sparseArray(request, { maxLength: 40, maxNumElements: 40 }),
    fc.array(fc.oneof(request, anything), { maxLength: 40 }),
    fc.array(fc.string({ maxLength: 2 * MAX_PRINTED_LINE_CHARS, size: "max" }), { maxLength: 40 }),
    fc.string({ minLength: MAX_JSON_CHARS - 5, maxLength: MAX_JSON_CHARS + 5, size: "max" }),
    fc.string({ unit: fc.constantFrom("a", "\x1b", "\n"), maxLength: 2 * MAX_NAME_CHARS }),
    request.map(({ kind }) => [{ kind, text: "x".repeat(MAX_REQUEST_CHARS + 1) }]),
  );
  const parts = ["type", "reason", "bytesIn", "bytesOut", "requests", "unlisted", "lines", "error"];
  const part = fc.constantFrom(...parts, "what", "room", "name", "json", "to");
  fc.assert(
    fc.property(message, part, wrong, (message, part, wrong) => {
      expectSound(parseChildMessage({ ...message, [part]: wrong }));
    }),
    { numRuns: NUM_RUNS },
  );
});

test("what is sent to others is JSON, as JSON.stringify returns it", () => {
  const asks = (json: string) => [
    parseChildMessage({ type: "request", what: "broadcast", json }),
    parseChildMessage({ type: "request", what: "send", to: "1", json }),
  ];
  for (const json of ["{", "", "undefined", "NaN", "1 2", '"\ud800"', "'one'"]) {
    expect(asks(json)).toEqual([null, null]);
  }
  for (const value of [{ a: [1, null] }, "\ud800", "\0\u2028", 0]) {
    expect(asks(JSON.stringify(value))).not.toContain(null);
  }
});

test("a name is one line of 1 to 40 visible characters, on both sides", () => {
  const asks = (one: string) => [
    parseChildMessage({ type: "request", what: "enter", room: one, name: "ann" }),
    parseChildMessage({ type: "request", what: "enter", room: "lobby", name: one }),
    parseChildMessage({ type: "request", what: "who", room: one }),
  ];
  const controls = ["\t", "\n", "\x1b[2J", "\x9b", "\x7f", "\u2028", "\u2029"];
  const bidi = ["\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"];
  for (const bad of ["", "x".repeat(MAX_NAME_CHARS + 1), "a\ud800", ...controls, ...bidi]) {
    expect(asks(bad)).toEqual([null, null, null]);
    expect(isName(bad)).toBe(false);
  }
  for (const good of ["x", "Jörg", "two words", "שלום", "👩‍👩‍👧", "x".repeat(MAX_NAME_CHARS)]) {
    expect(asks(good)).not.toContain(null);
    expect(isName(good)).toBe(true);
  }
});
