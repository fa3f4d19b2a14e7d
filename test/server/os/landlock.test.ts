import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DENIED_WITH_TCP_RULES } from "../../../server/os/denied-calls.ts";
import {
  type FileGrants,
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
/** All that programs need to run: reading and executing everything, and the files Bun.spawn opens. */
const NO_WRITING: FileGrants = {
  list: ["/"],
  read: ["/"],
  execute: ["/"],
  write: ["/dev/null"],
  change: [],
};

const { abi } = probeLandlock();

/** Runs a shell command with and without the plan; if this kernel cannot do what `since` can, that is reported. */
async function shell(
  command: string,
  plan: LandlockPlan,
): Promise<{ free: string; confined: string }> {
  const run = async (landlock?: LandlockPlan) => {
    const confinement: ConfinedRun = {
      command: ["/bin/sh", "-c", `{ ${command}; } 2>/dev/null && echo done || echo denied`],
      noNewPrivs: true,
      ...(landlock && { landlock }),
    };
    const { outcomes, stdout } = await runConfined(programs, confinement);
    if (landlock && abi > 0)
      expect(outcomes.landlock).toEqual({ ok: true, abi, missing: gaps(landlock, abi) });
    return stdout.trim();
  };
  return { free: await run(), confined: await run(plan) };
}

/** A directory of its own for a test. */
function scene(name: string): string {
  const path = join(directory, name);
  mkdirSync(join(path, "a"), { recursive: true });
  mkdirSync(join(path, "b"));
  writeFileSync(join(path, "a/file"), "contents");
  writeFileSync(join(path, "b/program"), "#!/bin/sh\n");
  chmodSync(join(path, "b/program"), 0o755);
  return path;
}

const DENIED = { free: "done", confined: "denied" };
const ALLOWED = { free: "done", confined: "done" };

describe("files", () => {
  const grants = (files: Partial<FileGrants>) => ({
    ...NOTHING,
    files: { ...NO_WRITING, ...files },
  });
  /** Everything but the directory of the tests. */
  const { paths } = pathsBeside([directory]);

  const cases: Record<
    string,
    [command: (at: string) => string, files: Partial<FileGrants>, since: number]
  > = {
    "are not read": [(at) => `cat ${at}/a/file`, { read: paths }, 1],
    "are not executed": [(at) => `${at}/b/program`, { execute: paths }, 1],
    "are not listed": [(at) => `ls ${at}`, { list: paths }, 1],
    "are not written": [(at) => `echo >> ${at}/a/file`, {}, 1],
    "are not created": [(at) => `: > ${at}/a/new`, { write: ["/"] }, 1],
    "are not removed": [
      (at) =>
        `cp ${at}/a/file ${at}/a/copy || : ; rm -f ${at}/a/file && ! test -e ${at}/a/file && cp ${at}/a/copy ${at}/a/file`,
      { write: ["/"] },
      1,
    ],
    "are not linked": [(at) => `ln -sf x ${at}/a/link`, { write: ["/"] }, 1],
    "are not truncated": [(at) => `truncate -s 0 ${at}/a/file`, {}, 3],
  };
  for (const [name, [command, files]] of Object.entries(cases)) {
    test(name, async () => {
      expect(await shell(command(scene(name.replaceAll(" ", "-"))), grants(files))).toEqual(DENIED);
    });
  }

  test("are written, created, moved and removed where that is granted", async () => {
    const at = scene("granted");
    const command = `echo >> ${at}/a/file && mv ${at}/a/file ${at}/b/moved && : > ${at}/a/file && rm ${at}/b/moved`;
    const plan = grants({ write: ["/dev/null", at], change: [at] });
    expect(await shell(command, plan)).toEqual(ALLOWED);
  });

  test("are not moved out of where that is granted", async () => {
    const at = scene("moved");
    const command = `mv ${at}/a/file ${at}/b/file && mv ${at}/b/file ${at}/a/file`;
    expect(await shell(command, grants({ write: ["/"], change: [`${at}/a`] }))).toEqual(DENIED);
  });

  test("that do not exist are skipped", async () => {
    expect(await shell("true", grants({ read: ["/", "/no/such/path"] }))).toEqual(ALLOWED);
  });
});

describe("the process of the confined thread", () => {
  const scope = { signals: true, abstractSockets: true };
  const landlock: LandlockPlan = { files: NO_WRITING, tcp: null, scope };
  const confined = { noNewPrivs: true, landlock };

  for (const file of ["environ", "maps", "auxv", "mem"]) {
    test(`keeps its ${file}, under its own ID and that of the thread`, async () => {
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

  test("gets no signals, under its own ID and that of the thread", async () => {
    const kill = (id: string, run: Partial<ConfinedRun>) =>
      attempt(programs, `kill ${id} 0`, { noNewPrivs: true, ...run }, ORDINARY);
    expect(await kill("{MASTER}", {})).toBe("done");
    expect(await kill("{MASTER}", confined)).toBe("EPERM");
    expect(await kill("{THREAD}", confined)).toBe("done");
    expect(await kill("{THREAD}", { ...confined, sameUser: true })).toBe("EPERM");
  });

  test("is not reached through an abstract socket", async () => {
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

  test("reaches every port but one", async () => {
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

  test("reaches only the ports that are listed, or none", async () => {
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
  const everything: LandlockPlan = {
    files: { ...NO_WRITING, change: ["/tmp"] },
    tcp: { connect: "none", bind: "all" },
    scope: { signals: true, abstractSockets: true },
  };
  const all = ["move", "truncate", "device-control", "tcp", "signals", "abstract-sockets"];

  test("by the version of the interface", () => {
    const missing = [1, 2, 3, 4, 5, 6, 7].map((version) => gaps(everything, version).length);
    expect(missing).toEqual([6, 5, 4, 3, 2, 0, 0]);
    expect(gaps(everything, 1) as string[]).toEqual(all);
    expect(gaps(NOTHING, 1)).toEqual([]);
  });

  for (const [error, reason] of [
    ["ENOSYS", "this kernel has no Landlock"],
    ["EOPNOTSUPP", "Landlock is off in this kernel (lsm=)"],
    ["EPERM", "Landlock cannot be used: EPERM"],
  ] as const) {
    test(`where the kernel answers ${error}`, async () => {
      const deniedBefore = [{ name: "landlock_create_ruleset", error } as const];
      const run = { command: ["/bin/true"], noNewPrivs: true, deniedBefore, landlock: everything };
      // The filter needs no_new_privs or root, and is the first thing that is set.
      const { outcomes } = await runConfined(programs, run);
      expect(outcomes.landlock).toEqual({ ok: false, reason });
    });
  }

  test("without no_new_privs", async () => {
    const run = { command: ["/bin/true"], landlock: everything };
    const { outcomes } = await runConfined(programs, run, ORDINARY);
    expect(outcomes.landlock).toEqual({ ok: false, reason: "landlock_restrict_self: EPERM" });
  });
});
