/** How wrong passwords are slowed down and logged, by a clock that the tests set. */
import { expect, test } from "bun:test";
import { createSignInLimit } from "../../../dashboard/http/sign-in-limit.ts";

const SECOND = 1000;

function limitWithClock() {
  const clock = { now: 0 };
  return { clock, limit: createSignInLimit(() => clock.now) };
}

test("after ten wrong passwords each attempt waits, twice as long each time, up to 30 s", () => {
  const { clock, limit } = limitWithClock();
  const waits = [];
  for (let i = 0; i < 17; i += 1) {
    clock.now += limit.waitMs("a");
    limit.onRefused("a", "wrong");
    waits.push(limit.waitMs("a") / SECOND);
  }
  expect(waits).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30]);
});

test("a wait passes with time, and an attempt that comes too early does not prolong it", () => {
  const { clock, limit } = limitWithClock();
  for (let i = 0; i < 11; i += 1) limit.onRefused("a", "wrong");
  expect(limit.waitMs("a")).toBe(2 * SECOND);
  clock.now += 1500;
  limit.onRefused("a", "too early");
  expect(limit.waitMs("a")).toBe(500);
  clock.now += 500;
  expect(limit.waitMs("a")).toBe(0);
});

test("each source waits on its own", () => {
  const { limit } = limitWithClock();
  for (let i = 0; i < 20; i += 1) limit.onRefused("a", "wrong");
  expect(limit.waitMs("a")).toBeGreaterThan(0);
  expect(limit.waitMs("b")).toBe(0);
});

test("ten minutes without a wrong password, and all is forgotten", () => {
  const { clock, limit } = limitWithClock();
  for (let i = 0; i < 20; i += 1) limit.onRefused("a", "wrong");
  clock.now += 599 * SECOND;
  limit.onRefused("a", "wrong");
  expect(limit.waitMs("a")).toBe(30 * SECOND);
  clock.now += 600 * SECOND;
  limit.onRefused("a", "wrong");
  expect(limit.waitMs("a")).toBe(0);
});

test("a source is logged once a minute, with the number of attempts since then", () => {
  const { clock, limit } = limitWithClock();
  expect(limit.onRefused("a", "wrong")).toEqual({ count: 1, waitMs: 0 });
  for (let i = 0; i < 9; i += 1) expect(limit.onRefused("a", "wrong")).toBeNull();
  for (let i = 0; i < 5; i += 1) expect(limit.onRefused("a", "too early")).toBeNull();
  clock.now += 60 * SECOND;
  expect(limit.onRefused("a", "wrong")).toEqual({ count: 15, waitMs: 2 * SECOND });
  expect([limit.wrong(), limit.tooEarly()]).toEqual([11, 5]);
});

test("many sources are logged ten times at once, then once every six seconds, and none is lost count of", () => {
  const { clock, limit } = limitWithClock();
  const refuse = (source: number) => limit.onRefused(String(source), "wrong");
  const logged = Array.from({ length: 100 }, (_, source) => refuse(source));
  expect(logged.filter((entry) => entry !== null)).toHaveLength(10);
  clock.now += 6 * SECOND;
  expect(refuse(99)).toEqual({ count: 2, waitMs: 0 });
  expect(refuse(98)).toBeNull();
  expect(limit.wrong()).toBe(102);
});

test("sources beyond 10,000 push out those that have been quiet for longest", () => {
  const { limit } = limitWithClock();
  for (const source of ["quiet", "busy"]) {
    for (let i = 0; i < 20; i += 1) limit.onRefused(source, "wrong");
  }
  for (let i = 0; i < 9999; i += 1) {
    limit.onRefused(String(i), "wrong");
    if (i % 100 === 0) limit.onRefused("busy", "wrong");
  }
  expect(limit.waitMs("quiet")).toBe(0);
  expect(limit.waitMs("busy")).toBe(30 * SECOND);
});
