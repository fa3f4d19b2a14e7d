/** What the page shows of the processes below a child. */
import { expect, test } from "bun:test";
import { descendantsText } from "../../../dashboard/page/descendants.ts";

/** A process that has just a name and a place. */
function named(comm: string, pid: number, ppid: number) {
  return { pid, ppid, uid: 0, comm };
}

/** So many processes below 100, each with a name of its own. */
function many(count: number) {
  return Array.from({ length: count }, (_, i) => named(`p${i + 10}`, 200 + i, 100));
}

test("each tree below a child has its lines, and the child none", () => {
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

test("of very many some are shown, and that there are more", () => {
  const lines = (count: number) => descendantsText(many(count), 100).split("\n");
  expect(lines(20)).toHaveLength(20);
  expect(lines(20).at(-1)).toBe("p29");
  expect(lines(21).slice(19)).toEqual(["p29", "…"]);
  const chain = Array.from({ length: 30 }, (_, i) => named("a", 101 + i, 100 + i));
  expect(descendantsText(chain, 100)).toBe(`${Array(20).fill("a").join("---")}\n…`);
});
