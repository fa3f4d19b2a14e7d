import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DENIED_WITH_TCP_RULES } from "../../../server/os/denied-calls.ts";
import {
  type FileGrants,
  type LandlockGap,
  type LandlockPlan,
  gaps,
  probeLandlock,
} from "../../../server/os/landlock.ts";
import { pathsBeside } from "../../../server/os/paths-beside.ts";
import { type ConfinedRun, ORDINARY, attempt, buildPrograms, runConfined } from "./confined.ts";

const programs = await buildPrograms();
const directory = mkdtempSync(join(tmpdir(), "brood-test-landlock-"));
afterAll(() => {
  programs[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const NOTHING: LandlockPlan = {
  files: null,
  tcp: null,
  scope: { signals: false, abstractSockets: false },
};
/**
 * All that programs need to run: reading and executing EVERYTHING, and the files Bun.spawn opens.
 */
const NO_WRITING: FileGrants = {
  list: ["/"],
  read: ["/"],
  execute: ["/"],
  write: ["/dev/null"],
  change: [],
};

const EVERYTHING: LandlockPlan = {
  files: { ...NO_WRITING, change: ["/tmp"] },
  tcp: { connect: "none", bind: "all" },
  scope: { signals: true, abstractSockets: true },
};

const { abi } = probeLandlock();

/** A test of what this kernel can do; if it cannot, that must be reported. */
function testOf(gap: LandlockGap | "files", name: string, body: () => Promise<void>): void {
  if (abi > 0 && (gap === "files" || !gaps(EVERYTHING, abi).includes(gap))) test(name, body);
  else test(`${name}, or that is reported`, () => expectReported(gap));
}

async function expectReported(gap: LandlockGap | "files"): Promise<void> {
  const run = { command: ["/bin/true"], noNewPrivs: true, landlock: EVERYTHING };
  const { landlock } = (await runConfined(programs, run)).outcomes;
  if (landlock?.ok) expect(landlock.missing as string[]).toContain(gap);
  else expect(landlock?.reason).toMatch(/^Landlock is off|^this kernel has no Landlock/);
}

/** A directory for a test. */
function scene(): string {
  const path = mkdtempSync(join(directory, "scene-"));
  mkdirSync(join(path, "a"));
  mkdirSync(join(path, "b"));
  writeFileSync(join(path, "a/file"), "contents");
  writeFileSync(join(path, "b/program"), "#!/bin/sh\n");
  chmodSync(join(path, "b/program"), 0o755);
  return path;
}

/** Runs a shell command in two new scenes, without and with the grants. */
async function shell(
  command: string,
  grants: (at: string) => Partial<FileGrants>,
): Promise<{ free: string; confined: string }> {
  const run = async (isConfined: boolean) => {
    const at = scene();
    const landlock = { ...NOTHING, files: { ...NO_WRITING, ...grants(at) } };
    const { outcomes, stdout } = await runConfined(programs, {
      command: [
        "/bin/sh",
        "-c",
        `cd ${at}; (${command}) >/dev/null 2>&1 && echo done || echo denied`,
      ],
      noNewPrivs: true,
      ...(isConfined && { landlock }),
    });
    if (isConfined)
      expect(outcomes.landlock).toEqual({ ok: true, abi, missing: gaps(landlock, abi) });
    return stdout.trim();
  };
  return { free: await run(false), confined: await run(true) };
}

const DENIED = { free: "done", confined: "denied" };
const ALLOWED = { free: "done", confined: "done" };

describe("files", () => {
  /** Everything but the directory of the tests. */
  const { paths } = pathsBeside([directory]);
  const cases: Record<string, [command: string, grants: Partial<FileGrants>]> = {
    "are not read": ["cat a/file", { read: paths }],
    "are not executed": ["b/program", { execute: paths }],
    "are not listed": ["ls a", { list: paths }],
    "are not written": ["echo >> a/file", {}],
    "are not created": ["touch a/new", { write: ["/"] }],
    "are not removed": ["rm a/file", { write: ["/"] }],
    "are not linked": ["ln -s x a/link", { write: ["/"] }],
    "are not renamed": ["mv a/file a/name", { write: ["/"] }],
  };
  for (const [name, [command, grants]] of Object.entries(cases)) {
    testOf("files", name, async () => expect(await shell(command, () => grants)).toEqual(DENIED));
  }

  testOf("truncate", "are not truncated", async () => {
    // truncate(1) opens the file, so this is a call by its number.
    const landlock = { ...NOTHING, files: NO_WRITING };
    const words = `truncate text:${scene()}/a/file 0`;
    expect(await attempt(programs, words, { noNewPrivs: true })).toBe("done");
    expect(await attempt(programs, words, { noNewPrivs: true, landlock })).toBe("EACCES");
  });

  testOf("device-control", "that are devices are not controlled", async () => {
    // TIOCGPTN asks a new terminal for its number.
    const words = "open text:/dev/ptmx 0 / ioctl first 2147767344 nowhere";
    const landlock = { ...NOTHING, files: NO_WRITING };
    const granted = { ...NOTHING, files: { ...NO_WRITING, write: ["/dev"] } };
    expect(await attempt(programs, words, { noNewPrivs: true, landlock })).toBe("EACCES");
    expect(await attempt(programs, words, { noNewPrivs: true, landlock: granted })).toBe("done");
  });

  testOf("move", "are written, created, moved and removed where that is granted", async () => {
    const command = "echo >> a/file && mv a/file b/moved && touch a/file && rm b/moved";
    const grants = (at: string) => ({ write: ["/dev/null", at], change: [at] });
    expect(await shell(command, grants)).toEqual(ALLOWED);
  });

  testOf("files", "are not moved out of where that is granted", async () => {
    const grants = (at: string) => ({ write: ["/"], change: [join(at, "a")] });
    expect(await shell("mv a/file b/file", grants)).toEqual(DENIED);
  });

  testOf("files", "that do not exist are skipped", async () => {
    expect(await shell("true", () => ({ read: ["/", "/no/such/path"] }))).toEqual(ALLOWED);
  });
});

describe("the process of the confined thread", () => {
  const scope = { signals: true, abstractSockets: true };
  const landlock: LandlockPlan = { files: NO_WRITING, tcp: null, scope };
  const confined = { noNewPrivs: true, landlock };

  for (const file of ["environ", "maps", "auxv", "mem"]) {
    testOf("files", `keeps its ${file}, under its own ID and that of the thread`, async () => {
      const openOf = async (id: string, run: Partial<ConfinedRun>) =>
        attempt(
          programs,
          `open text:/proc/${id}/${file} 0`,
          { noNewPrivs: true, ...run },
          ORDINARY,
        );
      expect(await openOf("{MASTER}", {})).toBe("done");
      expect(await openOf("{MASTER}", confined)).toBe("EACCES");
      // The thread is in the domain: Landlock alone does not protect it.
      expect(await openOf("{THREAD}", confined)).toBe("done");
      expect(await openOf("{THREAD}", { ...confined, nonDumpable: true })).toBe("EACCES");
    });
  }

  test("lets nobody write to its files in /proc once it is non-dumpable", async () => {
    const words = "open text:/proc/{MASTER}/oom_score_adj 1";
    expect(await attempt(programs, words, {}, ORDINARY)).toBe("done");
    expect(await attempt(programs, words, { nonDumpable: true }, ORDINARY)).toBe("EACCES");
  });

  testOf("signals", "gets no signals, under its own ID and that of the thread", async () => {
    const kill = (id: string, run: Partial<ConfinedRun>) =>
      attempt(programs, `kill ${id} 0`, { noNewPrivs: true, ...run }, ORDINARY);
    expect(await kill("{MASTER}", {})).toBe("done");
    expect(await kill("{MASTER}", confined)).toBe("EPERM");
    expect(await kill("{THREAD}", confined)).toBe("done");
    expect(await kill("{THREAD}", { ...confined, sameUser: true })).toBe("EPERM");
  });

  testOf("abstract-sockets", "is not reached through an abstract socket", async () => {
    const name = `brood-test-${process.pid}`;
    using _ = Bun.listen({ unix: `\0${name}`, socket: { data() {} } });
    const words = `socket 1 1 0 / connect first abstract:${name} ${3 + name.length}`;
    expect(await attempt(programs, words, { noNewPrivs: true })).toBe("done");
    expect(await attempt(programs, words, confined)).toBe("EPERM");
  });
});

describe("TCP", () => {
  const MPTCP = 262;
  const FASTOPEN = 0x20000000;
  const connect = (port: number, protocol = 0) =>
    `socket 2 1 ${protocol} / connect first port:${port} 16`;
  const listen = () => Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });

  testOf("tcp", "reaches every port but one", async () => {
    using closed = listen();
    using open = listen();
    const tcp = { connect: { except: [closed.port] }, bind: "all" } as const;
    const run = { noNewPrivs: true, landlock: { ...NOTHING, tcp } };
    expect(await attempt(programs, connect(closed.port), run)).toBe("EACCES");
    expect(await attempt(programs, connect(open.port), run)).toBe("done");
    expect(await attempt(programs, "socket 2 1 0 / bind first port:0 16", run)).toBe("done");
    // The ways around it.
    const multipath = connect(closed.port, MPTCP);
    const withoutConnect = `socket 2 1 0 / sendto first text:x 1 ${FASTOPEN} port:${closed.port} 16`;
    const filtered = { ...run, denied: DENIED_WITH_TCP_RULES };
    expect(await attempt(programs, multipath, filtered)).toBe("EPROTONOSUPPORT");
    expect(await attempt(programs, withoutConnect, filtered)).toBe("EOPNOTSUPP");
  });

  testOf("tcp", "reaches only the ports that are listed, or none", async () => {
    using open = listen();
    using closed = listen();
    const only = { connect: { only: [open.port] }, bind: "none" } as const;
    const run = { noNewPrivs: true, landlock: { ...NOTHING, tcp: only } };
    expect(await attempt(programs, connect(open.port), run)).toBe("done");
    expect(await attempt(programs, connect(closed.port), run)).toBe("EACCES");
    expect(await attempt(programs, "socket 2 1 0 / bind first port:0 16", run)).toBe("EACCES");
    const none = { connect: "none", bind: "all" } as const;
    const without = { noNewPrivs: true, landlock: { ...NOTHING, tcp: none } };
    expect(await attempt(programs, connect(open.port), without)).toBe("EACCES");
  });
});

describe("what cannot be had is reported", () => {
  const all = ["move", "truncate", "device-control", "tcp", "signals", "abstract-sockets"];

  test("by the version of the interface", () => {
    const missing = [1, 2, 3, 4, 5, 6, 7].map((version) => gaps(EVERYTHING, version).length);
    expect(missing).toEqual([6, 5, 4, 3, 2, 0, 0]);
    expect(gaps(EVERYTHING, 1) as string[]).toEqual(all);
    expect(gaps(NOTHING, 1)).toEqual([]);
  });

  for (const [error, reason] of [
    ["ENOSYS", "this kernel has no Landlock"],
    ["EOPNOTSUPP", "Landlock is off in this kernel (lsm=)"],
    ["EPERM", "Landlock cannot be used: EPERM"],
  ] as const) {
    test(`where the kernel answers ${error}`, async () => {
      const deniedBefore = [{ name: "landlock_create_ruleset", error } as const];
      const run = { command: ["/bin/true"], noNewPrivs: true, deniedBefore, landlock: EVERYTHING };
      const { outcomes } = await runConfined(programs, run);
      expect(outcomes.landlock).toEqual({ ok: false, reason });
    });
  }

  testOf("files", "without no_new_privs", async () => {
    const run = { command: ["/bin/true"], landlock: EVERYTHING };
    const { outcomes } = await runConfined(programs, run, ORDINARY);
    expect(outcomes.landlock).toEqual({ ok: false, reason: "landlock_restrict_self: EPERM" });
  });
});
