import { expect, test } from "bun:test";
import { createDeadlines } from "../../../server/child/deadlines.ts";

type Name = "first" | "second" | "third";

/** Deadlines that note their names as they pass, and a promise for when `last` has. */
function noting(last: Name) {
  const passed: Name[] = [];
  const done = Promise.withResolvers<void>();
  const deadlines = createDeadlines<Name>();
  const set = (name: Name, ms: number) =>
    deadlines.set(name, ms, () => {
      passed.push(name);
      if (name === last) done.resolve();
    });
  return { deadlines, set, passed, done: done.promise };
}

test("deadlines pass in the order of their times, whatever the order they were set in", async () => {
  const { set, passed, done } = noting("third");
  set("third", 60);
  set("first", 0);
  set("second", 30);
  await done;
  expect(passed).toEqual(["first", "second", "third"]);
});

test("a deadline does not pass before its time", async () => {
  const start = performance.now();
  const { set, done } = noting("first");
  set("first", 20);
  set("first", 50);
  await done;
  expect(performance.now() - start).toBeGreaterThan(48);
});

test("a deadline that is cleared does not pass, nor does one that is not retained", async () => {
  const { deadlines, set, passed, done } = noting("third");
  set("first", 5);
  set("second", 10);
  set("third", 30);
  deadlines.clear("first");
  deadlines.retain((name) => name === "third");
  await done;
  expect(passed).toEqual(["third"]);
});

test("a deadline that is set again passes once, at its new time", async () => {
  const { set, passed, done } = noting("second");
  set("first", 5);
  set("first", 20);
  set("second", 40);
  await done;
  expect(passed).toEqual(["first", "second"]);
});

test("a deadline may set and clear others as it passes", async () => {
  const { deadlines, set, passed, done } = noting("third");
  deadlines.set("first", 5, () => {
    deadlines.clear("second");
    set("third", 10);
  });
  set("second", 5);
  await done;
  expect(passed).toEqual(["third"]);
});
