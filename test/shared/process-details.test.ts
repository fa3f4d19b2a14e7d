import { expect, test } from "bun:test";
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  isUnreadable,
  type Readable,
  readDetails,
  TOO_MANY_MESSAGE,
} from "../../shared/process-details.ts";
import { readUsage } from "../../shared/proc.ts";
import { untilAsleep } from "../harness/processes.ts";
import { untilEqual } from "../harness/until.ts";
import { writeProcess } from "./made-up-proc.ts";

/** Returns the value, which must be readable. */
function there<Value>(part: Readable<Value> | undefined): Value {
  if (part === undefined) throw new Error("the process has gone");
  if (isUnreadable(part)) throw new Error(`unreadable: ${part.unreadable}`);
  return part;
}

test("reports of a real process what the process itself knows", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "brood-details-"));
  const before = Date.now();
  await using child = Bun.spawn({
    cmd: [
      "bash",
      "-c",
      "exec 9</etc/passwd; ulimit -Sn 77; sleep 1000 & exec -a $'x\\e[31m<b>' sleep 1001",
    ],
    cwd: directory.path,
    stdio: ["ignore", "ignore", "ignore"],
  });
  const names = () => readDetails(child.pid)?.processes.listed.map(({ comm }) => comm);
  await untilEqual(names, ["sleep", "sleep"]);
  await untilEqual(() => readUsage(child.pid)?.state, "S");
  const details = readDetails(child.pid);
  expect(there(details?.command)).toEqual({ arguments: ["x\\x1b[31m<b>", "1001"], isCut: false });
  expect(there(details?.executable)).toEndWith("/sleep");
  expect(there(details?.directory)).toBe(directory.path);
  expect(there(details?.startedAt)).toBeWithin(before - 50, Date.now() + 50);
  expect(there(details?.status)).toMatchObject({
    name: "sleep",
    state: "S (sleeping)",
    uid: process.geteuid?.(),
    gid: process.getegid?.(),
    threads: 1,
  });
  expect(there(details?.threads)).toEqual({
    count: 1,
    listed: [{ tid: child.pid, name: "sleep" }],
  });
  expect(there(details?.files).listed).toContainEqual({ fd: 9, target: "/etc/passwd" });
  expect(there(details?.limits).find(({ name }) => name === "open files")?.soft).toBe(77);
  expect(there(details?.limits).find(({ unit }) => unit === "us")?.name).toBe("realtime timeout");
  expect(there(details?.oomScore)).toBeNumber();
  expect(details?.processes.count).toBe(2);
  for (const { pid } of details?.processes.listed ?? []) process.kill(pid, "SIGKILL");
});

test("is null once the process is gone", async () => {
  const child = Bun.spawn(["true"]);
  await child.exited;
  expect(readDetails(child.pid)).toBeNull();
});

test("long lists are cut short but counted in full", async () => {
  // Not this process, in which other tests open and close files at the same time.
  const script = 'for fd in {100..199}; do eval "exec $fd</dev/null"; done; echo; exec sleep 1000';
  await using child = Bun.spawn(["bash", "-c", script], { stdout: "pipe" });
  await child.stdout.getReader().read();
  // Until then bash closes a descriptor of its own.
  await untilEqual(() => there(readDetails(child.pid)?.status).name, "sleep");
  await untilAsleep(child.pid); // and sleep closes the libraries that it has loaded
  const { count, listed } = there(readDetails(child.pid)?.files);
  expect(count).toBeGreaterThanOrEqual(103);
  expect(listed).toHaveLength(64);
});

test("a directory with thousands of entries is not read, so as not to block", async () => {
  const script = "ulimit -Sn $(ulimit -Hn); exec 9000</dev/null; echo; exec sleep 1000";
  await using child = Bun.spawn(["bash", "-c", script], { stdout: "pipe" });
  await child.stdout.getReader().read();
  const details = readDetails(child.pid);
  expect(details?.files).toEqual({ unreadable: TOO_MANY_MESSAGE });
  expect(there(details?.threads).count).toBe(1);
});

test("a part that cannot be read says why, the rest is read, and names are escaped", () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "brood-details-"));
  const root = join(directory.path, "proc");
  const own = join(root, "7");
  mkdirSync(root);
  writeProcess(root, { pid: 7, ppid: 1, uid: process.getuid?.() ?? 0, comm: "a\x1b" });
  writeFileSync(join(root, "uptime"), "100.00 100.00\n");
  writeFileSync(join(own, "cmdline"), `\x1b[31m\0${"x".repeat(5000)}\0`);
  symlinkSync("/bin/\u202eevil\n", join(own, "exe"));
  writeFileSync(
    join(own, "status"),
    "Name:\ta\\nb\x1b\nState:\tZ (zombie)\nUid:\t5\t4294967\t5\t5\nGid:\t5\t0\t5\t5\nThreads:\t1\n",
  );
  const details = readDetails(7, root);
  expect(there(details?.command).arguments[0]).toBe("\\x1b[31m");
  expect(there(details?.command).isCut).toBeTrue();
  expect(there(details?.executable)).toBe("/bin/\\u{202e}evil\\n");
  expect(details?.directory).toEqual({ unreadable: "ENOENT" });
  expect(details?.files).toEqual({ unreadable: "ENOENT" });
  expect(details?.cgroup).toEqual({ unreadable: "ENOENT" });
  expect(there(details?.status)).toMatchObject({
    name: "a\\nb\\x1b",
    uid: 4294967,
    user: null,
    group: "root",
    residentBytes: null,
  });
  expect(details?.processes).toEqual({
    count: 1,
    listed: [expect.objectContaining({ pid: 7, comm: "a\x1b" })],
  });
});

test("the memory of a control group is read in version 2 and version 1", () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "brood-cgroup-"));
  const root = join(directory.path, "proc");
  const mount = join(directory.path, "mount");
  mkdirSync(join(root, "self"), { recursive: true });
  mkdirSync(join(mount, "b/c"), { recursive: true });
  writeFileSync(join(root, "uptime"), "100.00 100.00\n");
  writeProcess(root, { pid: 7, ppid: 1, uid: process.getuid?.() ?? 0, comm: "a" });
  const inGroup = (name: string, text: string) => writeFileSync(join(mount, "b/c", name), text);
  const cgroup = (groups: string, kind: string) => {
    writeFileSync(join(root, "7/cgroup"), groups);
    writeFileSync(join(root, "self/mountinfo"), `30 20 0:25 /a ${mount} rw shared:4 - ${kind}\n`);
    return there(readDetails(7, root)?.cgroup);
  };
  inGroup("cgroup.procs", "7\n8\n");
  inGroup("memory.current", "4096\n");
  inGroup("memory.max", "max\n");
  const second = "cgroup2 cgroup2 rw";
  expect(cgroup("0::/a/b/c\n", second)).toEqual({
    path: "/a/b/c",
    memoryBytes: 4096,
    memoryLimitBytes: null,
    processes: 2,
  });
  inGroup("memory.max", "8192\n");
  expect(cgroup("0::/a/b/c\n", second).memoryLimitBytes).toBe(8192);
  inGroup("memory.usage_in_bytes", "12288\n");
  inGroup("memory.limit_in_bytes", "9223372036854771712\n");
  const first = "cgroup cgroup rw,memory";
  expect(cgroup("4:memory:/a/b/c\n2:cpu,cpuacct:/\n0::/\n", first)).toEqual({
    path: "/a/b/c",
    memoryBytes: 12288,
    memoryLimitBytes: null,
    processes: 2,
  });
  // Not visible: another part of the file system is mounted.
  expect(cgroup("0::/elsewhere\n", second).memoryBytes).toBeNull();
});
