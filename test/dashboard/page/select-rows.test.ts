/** What a view shows of many children, and its query. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { countIds, packIds, unpackIds, selectByIds } from "../../../dashboard/kill/ids.ts";
import { partialSort } from "../../../dashboard/page/partial-sort.ts";
import { DEFAULT_VIEW, parseView, pagingKey, viewQuery } from "../../../dashboard/page/view.ts";
import { SORT_KEYS } from "../../../shared/api.ts";

function viewOf(query: string) {
  const names = [...new URLSearchParams(query)];
  return parseView(
    Object.fromEntries(
      Map.groupBy(names, ([name]) => name)
        .entries()
        .map(([name, all]) => [name, all.map(([, value]) => value)]),
    ),
  );
}

test("partialSort returns that part of the stably sorted list, for any list", () => {
  const items = fc.array(fc.record({ key: fc.integer({ min: 0, max: 60 }), at: fc.nat() }), {
    maxLength: 400,
  });
  fc.assert(
    fc.property(items, fc.nat(450), fc.nat(450), (list, start, length) => {
      const compare = (a: { key: number }, b: { key: number }) => a.key - b.key;
      const sorted = list.toSorted(compare).slice(start, start + length);
      const part = partialSort(list, compare, start, start + length);
      expect(part.length).toBe(sorted.length);
      expect(part.every((item, index) => item === sorted[index])).toBe(true);
    }),
  );
});

test("an empty query is the default view, and the default view an empty query", () => {
  expect(viewOf("")).toEqual(DEFAULT_VIEW);
  expect(viewQuery(DEFAULT_VIEW)).toBe("");
  const nonsense = "?from=0&rows=51&every=3&sort=x&cols&dir=up&compact=2";
  expect(viewOf(nonsense)).toEqual({ ...DEFAULT_VIEW, columns: ["pid"] });
  for (const from of ["-1", "1e3", "1.5", "9999999999", " 2", "01"]) {
    expect(viewOf(`?from=${encodeURIComponent(from)}`).from).toBe(1);
  }
});

test("a view's query contains every choice, and parses back to the same view", () => {
  const query =
    "?sort=requests&dir=desc&filter=10.0.0.1%3A&from=201&rows=50&cols=pid,id,client,reply&every=5&paused=1";
  const view = viewOf(query);
  expect(view).toMatchObject({ from: 201, pageSize: 50, refreshSeconds: 5, filter: "10.0.0.1:" });
  expect(view.columns).toEqual(["pid", "id", "client", "reply"]);
  expect(viewQuery(view)).toBe(query);
  // A form sends each column separately.
  expect(viewOf("?cols=pid&cols=state&cols=client").columns).toEqual(["pid", "client", "state"]);
  expect(viewOf(`?cols=${SORT_KEYS.join()}`).columns).toEqual([...SORT_KEYS]);
});

test("a form keeps its page only with the same filter and order", () => {
  const view = viewOf("?filter=time&from=101&sort=out&dir=desc");
  const form = `?filter=time&from=101&sort=out&dir=desc&of=${encodeURIComponent(pagingKey(view))}`;
  expect(viewOf(form).from).toBe(101);
  expect(viewOf(`${form}&rows=50`).from).toBe(101);
  expect(viewOf(form.replace("filter=time", "filter=tim")).from).toBe(1);
  expect(viewOf(form.replace("sort=out", "sort=in")).from).toBe(1);
});

test("packed IDs unpack to the same IDs", () => {
  expect(packIds("lx3", [5003, 2, 1, 3, 2])).toBe("lx3:1-3,5003");
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { minLength: 1 });
  fc.assert(
    fc.property(numbers, fc.uniqueArray(fc.integer({ min: 1, max: 300 })), (wanted, live) => {
      const set = unpackIds(packIds("lx3", wanted));
      if (set === null) throw new Error("no set");
      expect(countIds(set)).toBe(wanted.length);
      const items = live.toSorted((a, b) => a - b).map((number) => ({ id: `lx3-${number}` }));
      const both = items.filter(({ id }) => wanted.includes(Number(id.slice(4))));
      expect(selectByIds(set, items)).toEqual(both);
    }),
  );
});

test("anything else is rejected as IDs", () => {
  const wrong = [
    "",
    "lx3",
    "lx3:",
    "lx3:0",
    "lx3:2-1",
    "lx3:1,1",
    "lx3:3,1-2",
    "lx3:1-",
    "lx3:1,,2",
  ];
  wrong.push("lx3:1-5,5", "LX:1", "lx3:01", "lx3:1e3", "lx3: 1", "lx3:-1", "lx3:1\n");
  for (const text of wrong) expect([text, unpackIds(text)]).toEqual([text, null]);
  const most = unpackIds("lx3:1-999999999999999");
  expect(most !== null && countIds(most)).toBe(999_999_999_999_999);
  expect(
    selectByIds({ instance: "lx3", ranges: [[1, 9]] }, [{ id: "lx4-1" }, { id: "lx3-1" }]),
  ).toEqual([{ id: "lx3-1" }]);
});
