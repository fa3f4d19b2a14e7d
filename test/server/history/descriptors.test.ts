/** A history whose thread cannot be started for lack of descriptors. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { run } from "../../harness/run.ts";

test("without descriptors the history is not opened, which is reported, and it is opened later", async () => {
  const program = join(import.meta.dir, "exhausted-history.ts");
  expect(await run(["prlimit", "--nofile=64:64", process.execPath, program])).toEqual({
    stdout: [
      "history: it cannot be opened: not enough descriptors are left",
      "history: everything is stored again",
      "opened",
      "",
    ].join("\n"),
    stderr: "",
    exitCode: 0,
  });
});
