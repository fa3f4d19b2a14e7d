import { expect, test } from "bun:test";
import { brood, run } from "../../harness/run.ts";

test("fork-example prints the tutorial's lines, parent and child on their own", async () => {
  const { stdout, stderr, exitCode } = await run(brood("fork-example"));
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  const lines = stdout.split("\n");
  expect(lines.pop()).toBe("");
  const parent = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `Parent Process $i : ${i}`);
  const child = [0, 2, 4, 6, 8].map((i) => `Child Process $i : ${i}`);
  expect(lines.filter((line) => line.startsWith("Parent"))).toEqual(parent);
  expect(lines.filter((line) => line.startsWith("Child"))).toEqual(child);
  expect(lines).toHaveLength(parent.length + child.length);
});
