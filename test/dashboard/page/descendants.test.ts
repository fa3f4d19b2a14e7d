/** What the page shows of a child's descendants. */
import { expect, test } from "bun:test";
import { descendantsText } from "../../../dashboard/page/descendants.ts";

/** A process of which only the name and the position matter. */
function named(comm: string, pid: number, ppid: number) {
  return { pid, ppid, uid: 0, comm };
}

/** `count` processes below 100, each with a name of its own. */
function many(count: number) {
  return Array.from({ length: count }, (_, i) => named(`p${i + 10}`, 200 + i, 100));
}

test("each process tree below a child is drawn, without the child itself", () => {
  const processes = [
    named("server", 100, 1),
    named("bash", 101, 100),
    named("vim", 102, 101),
    named("top", 103, 101),
    named("sleep", 104, 100),
    named("other", 105, 1),
  ];
  expect(descendantsText(processes, 100)).toBe("bash-+-top\n     `-vim\nsleep");
  expect(descendantsText(processes, 105)).toBe("");
});

test("of very many descendants some are drawn, with a mark that there are more", () => {
  const lines = (count: number) => descendantsText(many(count), 100).split("\n");
  expect(lines(20)).toHaveLength(20);
  expect(lines(20).at(-1)).toBe("p29");
  expect(lines(21).slice(19)).toEqual(["p29", "…"]);
  const chain = Array.from({ length: 30 }, (_, i) => named("a", 101 + i, 100 + i));
  expect(descendantsText(chain, 100)).toBe(`${Array(20).fill("a").join("---")}\n…`);
});
