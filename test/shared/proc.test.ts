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

/** A Bun child that runs `code` and is up after it. */
function holdBun(code: string) {
  const program = `${code}; process.stdout.write("."); await Bun.stdin.text()`;
  return holdProgram([process.execPath, "-e", program], 1);
}

describe("readProcesses", () => {
  test("finds this process, its parent and its owner", () => {
    const found = readProcesses().find(({ pid }) => pid === process.pid);
    expect(found).toMatchObject({ ppid: process.ppid, uid: process.geteuid?.() });
  });

  test("lists processes in the order of their pids, with any byte in their names", () => {
    using directory = temporaryDirectory();
    const root = join(directory.path, "proc");
    const comms = ["a b", "x) S 1 (", "((", "))", "", "new\nline", "back\\slash", "\xe9\xff\x01"];
    const processes = comms.map((comm, i) => ({ pid: 3 ** i, ppid: i, uid, comm }));
    writeProc(root, processes);
    expect(readProcesses(root)).toEqual(processes);
  });

  test("names the user that a process runs as, even when it may not be dumped", async () => {
    using directory = temporaryDirectory();
    // The files below /proc/PID of a program that cannot be read belong to root.
    const program = join(directory.path, "unreadable");
    copyFileSync("/bin/cat", program);
    chmodSync(program, 0o111);
    chmodSync(directory.path, 0o755);
    const owner = isRoot ? 65534 : uid;
    await using cat = Bun.spawn({ cmd: [program], stdin: "pipe", uid: owner });
    expect(readProcesses().find(({ pid }) => pid === cat.pid)?.uid).toBe(owner);
  });

  test("leaves out a process that vanishes while it is read", () => {
    using directory = temporaryDirectory();
    const root = join(directory.path, "proc");
    writeProc(root, [{ pid: 1, ppid: 0, uid, comm: "init" }]);
    mkdirSync(join(root, "2"));
    expect(readProcesses(root).map(({ pid }) => pid)).toEqual([1]);
  });

  test("passes on every other error", () => {
    using directory = temporaryDirectory();
    mkdirSync(join(directory.path, "1", "stat"), { recursive: true });
    expect(() => readProcesses(directory.path)).toThrow("EISDIR");
  });

  test("tells a system without /proc what is missing", () => {
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
    expect(cpuMs).toBeWithin(90, 1000);
  });

  test("tells a process's own memory from what it shares", async () => {
    const size = 64 * 1024 * 1024;
    await using large = await holdBun(`globalThis.kept = Buffer.alloc(${size}, 1)`);
    const usage = readUsage(large.pid)!;
    expect(usage.privateBytes).toBeWithin(size, 2 * size);
    expect(usage.residentBytes).toBeGreaterThan(usage.privateBytes);
  });

  test("tells when a process started", async () => {
    const uptime = () => Math.round(100 * parseFloat(readFileSync("/proc/uptime", "latin1")));
    const before = uptime();
    await using child = await holdBun("");
    expect(readUsage(child.pid)?.startTicks).toBeWithin(before, uptime() + 1);
  });

  test("shows that a process is stopped, and that it goes on", async () => {
    await using cat = Bun.spawn({ cmd: ["cat"], stdin: "pipe", killSignal: "SIGKILL" });
    for (const [signal, state] of [
      ["SIGSTOP", "T"],
      ["SIGCONT", "S"],
    ] as const) {
      cat.kill(signal);
      // Nothing tells when a signal has had its effect, so look until it has.
      await untilEqual(() => readUsage(cat.pid)?.state, state);
    }
  });

  test("is null once the process is gone", async () => {
    const child = Bun.spawn(["true"]);
    await child.exited;
    expect(readUsage(child.pid)).toBeNull();
  });
});
