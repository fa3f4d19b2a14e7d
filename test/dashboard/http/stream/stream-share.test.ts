/** Who gets the open streams when there are too few. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  chooseDisplaced,
  type StreamOwner,
} from "../../../../dashboard/http/stream/stream-share.ts";

const MAX = 8;

function watcher(source: string): StreamOwner {
  return { source, isOperator: false };
}

function operator(source: string): StreamOwner {
  return { source, isOperator: true };
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

/** Opens streams in this order; returns those that are open in the end. */
function openAll(owners: readonly StreamOwner[], max = MAX): StreamOwner[] {
  const open: StreamOwner[] = [];
  for (const owner of owners) {
    const displaced = chooseDisplaced(open, owner, max);
    if (displaced === "refuse") continue;
    if (displaced !== null) open.splice(open.indexOf(displaced), 1);
    open.push({ ...owner });
  }
  return open;
}

test("while there is room, everyone gets one", () => {
  expect(chooseDisplaced([], watcher("a"), MAX)).toBeNull();
  expect(
    chooseDisplaced(
      times(7, () => operator("a")),
      operator("a"),
      MAX,
    ),
  ).toBeNull();
});

test("watchers from one source have at most a quarter, and operators have no such limit", () => {
  const open = times(2, () => watcher("a"));
  expect(chooseDisplaced(open, watcher("a"), MAX)).toBe("refuse");
  expect(chooseDisplaced(open, watcher("b"), MAX)).toBeNull();
  expect(chooseDisplaced(open, operator("a"), MAX)).toBeNull();
});

test("a watcher can have one even where a quarter is less than that", () => {
  expect(chooseDisplaced([], watcher("a"), 3)).toBeNull();
  expect(chooseDisplaced([watcher("a")], watcher("a"), 3)).toBe("refuse");
});

test("an operator gets the oldest stream of the source whose watchers have most", () => {
  const [first, second] = [watcher("b"), watcher("b")];
  const open = [watcher("a"), first, second, ...times(5, () => operator("c"))];
  expect(chooseDisplaced(open, operator("c"), MAX)).toBe(first);
});

test("watchers never take an operator's stream", () => {
  const open = times(MAX, () => operator("a"));
  expect(chooseDisplaced(open, watcher("b"), MAX)).toBe("refuse");
});

test("an operator takes another operator's only from a source that has at least two more", () => {
  const open = times(MAX, () => operator("a"));
  expect(chooseDisplaced(open, operator("b"), MAX)).toBe(open[0] as StreamOwner);
  const even = [...times(4, () => operator("a")), ...times(4, () => operator("b"))];
  expect(chooseDisplaced(even, operator("b"), MAX)).toBe("refuse");
  const nearlyEven = [...times(5, () => operator("a")), ...times(3, () => operator("b"))];
  expect(chooseDisplaced(nearlyEven, operator("b"), MAX)).toBe(nearlyEven[0] as StreamOwner);
});

const owners = fc.array(
  fc.record({ source: fc.constantFrom<string>("a", "b", "c", "d", "e"), isOperator: fc.boolean() }),
  { maxLength: 100 },
);

test("no more than the most are open, a source's watchers have at most their share, and an operator is only refused for other operators", () => {
  fc.assert(
    fc.property(owners, fc.integer({ min: 1, max: 20 }), (all, max) => {
      const open = openAll(all, max);
      expect(open.length).toBeLessThanOrEqual(max);
      const watchers = open.filter(({ isOperator }) => !isOperator);
      for (const list of Map.groupBy(watchers, ({ source }) => source).values()) {
        expect(list.length).toBeLessThanOrEqual(Math.max(1, Math.floor(max / 4)));
      }
      const isRefused = chooseDisplaced(open, operator("new"), max) === "refuse";
      if (isRefused) expect(open.filter(({ isOperator }) => isOperator)).toHaveLength(max);
    }),
  );
});

test("streams that are reopened as soon as they are closed do not close each other forever", () => {
  fc.assert(
    fc.property(owners, fc.integer({ min: 1, max: 20 }), (all, max) => {
      let open = openAll(all, max);
      const waiting = [...all];
      let displacements = 0;
      for (let round = 0; round < 500; round += 1) {
        const owner = waiting.shift();
        if (owner === undefined) return;
        const displaced = chooseDisplaced(open, owner, max);
        if (displaced === "refuse") continue;
        if (displaced !== null) {
          displacements += 1;
          open = open.filter((stream) => stream !== displaced);
          waiting.push({ ...displaced });
        }
        open.push({ ...owner });
      }
      expect(displacements).toBeLessThan(200);
    }),
  );
});
