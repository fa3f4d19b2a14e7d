/** The map that everything of a bounded size is remembered in. */
import { expect, test } from "bun:test";
import { createLruMap } from "../../shared/lru-map.ts";

function filled() {
  const map = createLruMap<string, number>(3);
  for (const [i, key] of ["a", "b", "c"].entries()) map.set(key, i);
  return map;
}

test("an entry beyond the bound drops the one set first", () => {
  const map = filled();
  map.set("d", 3);
  expect([...map.entries()]).toEqual([
    ["b", 1],
    ["c", 2],
    ["d", 3],
  ]);
  expect(map.get("a")).toBeUndefined();
});

test("an entry that was read or set again is dropped last", () => {
  const map = filled();
  expect(map.get("a")).toBe(0);
  map.set("b", 10);
  map.set("d", 3);
  expect([...map.entries()].map(([key]) => key)).toEqual(["a", "b", "d"]);
});

test("setting a key again drops nothing", () => {
  const map = filled();
  map.set("b", 10);
  expect([...map.entries()]).toHaveLength(3);
});
