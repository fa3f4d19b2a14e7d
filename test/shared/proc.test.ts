import { describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync, mkdtempDisposableSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProcesses, readUsage } from "../../shared/proc.ts";
import { untilEqual } from "../harness/until.ts";
import { holdProgram } from "./live-tree.ts";
import { isRoot, possibleUids, writeProc } from "./made-up-proc.ts";

const [uid = 0] = possibleUids;

function temporaryDirectory() {
  return mkdtempDisposableSync(join(tmpdir(), "brood-proc-"));
}

/** Starts a Bun process that runs `code`; it is up when the promise resolves. */
function holdBun(code: string) {
  const program = `${code}; process.stdout.write("."); await Bun.stdin.text()`;
  return holdProgram([process.execPath, "-e", program], 1);
}

describe("readProcesses", () => {
  test("finds this process, its parent and its owner", () => {
    const found = readProcesses().find(({ pid }) => pid === process.pid);
    expect(found).toMatchObject({ ppid: process.ppid, uid: process.geteuid?.() });
  });

  test("lists processes by PID, with any byte in their names", () => {
    using directory = temporaryDirectory();
    const root = join(directory.path, "proc");
    const comms = ["a b", "x) S 1 (", "((", "))", "", "new\nline", "back\\slash", "\xe9\xff\x01"];
    const processes = comms.map((comm, i) => ({ pid: 3 ** i, ppid: i, uid, comm }));
    writeProc(root, processes);
    expect(readProcesses(root)).toEqual(processes);
  });

  test("reports the user of a process, even if it is not dumpable", async () => {
    using directory = temporaryDirectory();
    // The files in /proc/PID of a program that cannot be read belong to root.
    const program = join(directory.path, "unreadable");
    copyFileSync("/bin/cat", program);
    chmodSync(program, 0o111);
    chmodSync(directory.path, 0o755);
    const owner = isRoot ? 65534 : uid;
    await using cat = Bun.spawn({ cmd: [program], stdin: "pipe", uid: owner });
    expect(readProcesses().find(({ pid }) => pid === cat.pid)?.uid).toBe(owner);
  });

  test("leaves out a process that ends while it is being read", () => {
    using directory = temporaryDirectory();
    const root = join(directory.path, "proc");
    writeProc(root, [{ pid: 1, ppid: 0, uid, comm: "init" }]);
    mkdirSync(join(root, "2"));
    expect(readProcesses(root).map(({ pid }) => pid)).toEqual([1]);
  });

  test("throws every other error", () => {
    using directory = temporaryDirectory();
    mkdirSync(join(directory.path, "1", "stat"), { recursive: true });
    expect(() => readProcesses(directory.path)).toThrow("EISDIR");
  });

  test("says what is missing on a system without /proc", () => {
    expect(() => readProcesses("/no/proc")).toThrow(
      "/no/proc does not exist: the process tree needs Linux",
    );
  });
});

describe("readUsage", () => {
  test("counts the CPU time that a process has used", async () => {
    await using busy = await holdBun(
      "while (process.cpuUsage().user < 100_000) for (let i = 0; i < 1e5; i++);",
    );
    const { cpuMs } = readUsage(busy.pid)!;
    expect(cpuMs).toBeWithin(90, 60_000);
  });

  test("separates a process's private memory from shared memory", async () => {
    const size = 64 * 1024 * 1024;
    await using large = await holdBun(`globalThis.kept = Buffer.alloc(${size}, 1)`);
    const usage = readUsage(large.pid)!;
    expect(usage.privateBytes).toBeWithin(size, 2 * size);
    expect(usage.residentBytes).toBeGreaterThan(usage.privateBytes);
  });

  test("reports when a process started", async () => {
    const uptime = () => Math.round(100 * parseFloat(readFileSync("/proc/uptime", "latin1")));
    const before = uptime();
    await using child = await holdBun("");
    expect(readUsage(child.pid)?.startTicks).toBeWithin(before, uptime() + 1);
  });

  test("reports that a process is stopped, and that it continues", async () => {
    await using cat = Bun.spawn({ cmd: ["cat"], stdin: "pipe", killSignal: "SIGKILL" });
    for (const [signal, state] of [
      ["SIGSTOP", "T"],
      ["SIGCONT", "S"],
    ] as const) {
      cat.kill(signal);
      // Nothing reports when a signal has taken effect, so poll until it has.
      await untilEqual(() => readUsage(cat.pid)?.state, state);
    }
  });

  test("is null once the process is gone", async () => {
    const child = Bun.spawn(["true"]);
    await child.exited;
    expect(readUsage(child.pid)).toBeNull();
  });
});
