import { afterAll, expect, test } from "bun:test";
import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { DENIED_TO_ALL, DENIED_WITHOUT_NETWORK } from "../../../server/os/denied-calls.ts";
import { type ConfinedRun, ORDINARY, buildPrograms, runConfined } from "./confined.ts";

const programs = await buildPrograms();
afterAll(() => programs[Symbol.dispose]());

const isRoot = process.getuid?.() === 0;

/** The lines of /proc/self/status that say how a program is confined. */
async function statusOf(
  command: string[],
  run: Partial<ConfinedRun>,
): Promise<Record<string, string>> {
  const { stdout } = await runConfined(programs, { ...run, command });
  return Object.fromEntries(
    stdout.split("\n").map((line) => line.split(":\t") as [string, string]),
  );
}

const confinement: Partial<ConfinedRun> = {
  noNewPrivs: true,
  privateNetwork: isRoot,
  landlock: {
    files: { list: ["/"], read: ["/"], execute: ["/"], write: ["/dev/null"], change: [] },
    tcp: { connect: "none", bind: "none" },
    scope: { signals: true, abstractSockets: true },
  },
  denied: [...DENIED_TO_ALL, ...DENIED_WITHOUT_NETWORK],
  account: ORDINARY,
};

test("a program started by a confined thread is confined, and has the user it was given", async () => {
  const command = ["/bin/cat", "/proc/self/status"];
  const uid = ORDINARY.uid ?? process.getuid?.();
  expect(await statusOf(command, { account: ORDINARY })).toMatchObject({
    NoNewPrivs: "0",
    Seccomp: "0",
  });
  const status = await statusOf(command, confinement);
  expect(status).toMatchObject({ NoNewPrivs: "1", Seccomp: "2", Seccomp_filters: "1" });
  expect(status.Uid).toBe(`${uid}\t${uid}\t${uid}\t${uid}`);
});

test("so is a program that it starts in turn", async () => {
  const status = await statusOf(["/bin/sh", "-c", "cat /proc/self/status; true"], confinement);
  expect(status).toMatchObject({ NoNewPrivs: "1", Seccomp: "2" });
});

test("the other threads of the process are not confined", async () => {
  const command = ["/bin/cat", "/proc/{MASTER}/status"];
  const status = await statusOf(command, { ...confinement, account: {} });
  expect(status).toMatchObject({ NoNewPrivs: "0", Seccomp: "0" });
});

test("Bun runs below all of it", async () => {
  const script =
    "console.log(new Date(0).toISOString(), typeof fetch, process.memoryUsage.rss() > 0)";
  const command = [programs.bun, "--config=/dev/null", "-e", script];
  const { stdout, stderr } = await runConfined(programs, { ...confinement, command });
  expect({ stdout, stderr }).toEqual({
    stdout: "1970-01-01T00:00:00.000Z function true\n",
    stderr: "",
  });
});

// Only root can make one.
if (isRoot)
  test("a set-user-ID program gains nothing", async () => {
    const program = join(programs.directory, "set-user-id");
    copyFileSync("/usr/bin/id", program);
    chmodSync(program, 0o4755);
    const euid = async (noNewPrivs: boolean) =>
      (await runConfined(programs, { command: [program, "-u"], noNewPrivs, account: ORDINARY }))
        .stdout;
    expect(await euid(false)).toBe("0\n");
    expect(await euid(true)).toBe(`${ORDINARY.uid}\n`);
  });
