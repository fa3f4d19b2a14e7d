/** Which connections to the page are closed when there are too many. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { chooseExcess, type Connection } from "../../../dashboard/http/connection-share.ts";

type Rank = Connection["rank"];
type Named = Connection & { name: string };

function connection(name: string, source: string, rank: Rank = "none", usedAt = 0): Named {
  return { name, source, rank, usedAt };
}

function closedOf(connections: readonly Named[], total: number, perSource: number): string[] {
  return chooseExcess(connections, { total, perSource }).map(({ name }) => name);
}

describe("the connections that are closed", () => {
  test("are none within the limits", () => {
    const some = [connection("a1", "a"), connection("a2", "a"), connection("b1", "b")];
    expect(closedOf(some, 3, 2)).toEqual([]);
  });

  test("are of the source with most, although another one has unused ones", () => {
    const some = ["a1", "a2", "a3"].map((name, i) => connection(name, "a", "watcher", i));
    expect(closedOf([...some, connection("b1", "b")], 3, 3)).toEqual(["a1"]);
  });

  test("are first those that got nothing, then watchers', then operators', each unused for longest", () => {
    const some = [
      connection("operator, early", "a", "operator", 1),
      connection("operator, late", "a", "operator", 9),
      connection("watcher, early", "a", "watcher", 5),
      connection("watcher, late", "a", "watcher", 10),
      connection("nothing", "a"),
    ];
    expect(closedOf(some, 0, 9)).toEqual([
      "nothing",
      "watcher, early",
      "watcher, late",
      "operator, early",
      "operator, late",
    ]);
  });

  test("of one source are those above its share, although there is room in total", () => {
    const some = ["a1", "a2", "a3"].map((name, i) => connection(name, "a", "operator", i));
    expect(closedOf(some, 100, 1)).toEqual(["a1", "a2"]);
  });
});

const connections = fc.array(
  fc.record({
    source: fc.constantFrom("a", "b", "c", "d"),
    rank: fc.constantFrom<Rank>("none", "watcher", "operator"),
    usedAt: fc.nat(100),
  }),
);

test("the limits hold afterwards, no more are closed than that takes, and no source has less than a fair part", () => {
  fc.assert(
    fc.property(connections, fc.nat(20), fc.nat(10), (all, total, perSource) => {
      const closed = new Set(chooseExcess(all, { total, perSource }));
      const left = all.filter((one) => !closed.has(one));
      const sizes = (list: typeof all) =>
        [...Map.groupBy(list, ({ source }) => source)].map(([source, { length }]) => ({
          source,
          length,
        }));
      const allowed = sizes(all).reduce((sum, { length }) => sum + Math.min(length, perSource), 0);
      expect(left.length).toBe(Math.min(allowed, total));
      const most = Math.max(0, ...sizes(left).map(({ length }) => length));
      expect(most).toBeLessThanOrEqual(perSource);
      for (const { source, length } of sizes(all)) {
        const kept = left.filter((one) => one.source === source).length;
        if (kept < length) expect(kept).toBeGreaterThanOrEqual(most - 1);
      }
    }),
  );
});
