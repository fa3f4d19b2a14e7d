import { afterAll, expect, test } from "bun:test";
import { ORDINARY, attempt, buildPrograms, runConfined } from "./confined.ts";

const programs = await buildPrograms();
afterAll(() => programs[Symbol.dispose]());

const isRoot = process.getuid?.() === 0;

// For others, the last test shows that it is reported.
const testIfPossible = isRoot ? test : () => {};

testIfPossible("a process of another user is not in a /proc of one's own", async () => {
  for (const file of ["cmdline", "status", "stat", "task/{THREAD}/children"]) {
    const words = `open text:/proc/{MASTER}/${file} 0`;
    const run = { account: ORDINARY };
    expect(await attempt(programs, words, run)).toBe("done");
    expect(await attempt(programs, words, { ...run, privateProc: true })).toBe("ENOENT");
  }
});

testIfPossible("one's own process is, and so is what Bun reads", async () => {
  const run = { account: ORDINARY, privateProc: true, noNewPrivs: true };
  const command = ["/bin/sh", "-c", "cd /proc && cat self/comm && ls -d meminfo"];
  expect((await runConfined(programs, { ...run, command })).stdout).toBe("cat\nmeminfo\n");
});

testIfPossible("nothing changes for the rest of the process", async () => {
  const command = ["/bin/sh", "-c", "grep -c ' /proc ' /proc/mounts /proc/{MASTER}/mounts"];
  const { stdout } = await runConfined(programs, { command, privateProc: true });
  const [own = 0, master = 0] = stdout.match(/\d+$/gm)?.map(Number) ?? [];
  expect(own).toBe(master + 1);
});

test("an ordinary user gets none, and is told why", async () => {
  const run = { command: ["/bin/true"], privateProc: true };
  const { outcomes } = await runConfined(programs, run, ORDINARY);
  const reason = "hiding processes requires root (CAP_SYS_ADMIN)";
  expect(outcomes.privateProc).toEqual({ ok: false, reason });
});
