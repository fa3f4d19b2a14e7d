/** Real control groups; only as root, where there is a writable cgroup v2. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ownCgroup } from "../../../server/confine/memory-cgroup.ts";
import { isRunning } from "../../harness/processes.ts";
import { run } from "../../harness/run.ts";

const STAND_IN = "hugetlb";

/**
 * The root group, which alone has no type, if it can pass on the stand-in
 * controller; otherwise null.
 */
function findRoot(): string | null {
  const isRoot = (path: string) =>
    existsSync(join(path, "cgroup.controllers")) && !existsSync(join(path, "cgroup.type"));
  const root = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].find(isRoot);
  if (root === undefined || !read(root, "cgroup.controllers").includes(STAND_IN)) return null;
  return process.getuid?.() === 0 && isWritable(root) ? root : null;
}

/** In a container the groups are often mounted read-only. */
function isWritable(path: string): boolean {
  const mounts = readFileSync("/proc/self/mounts", "latin1").split("\n");
  return mounts.some((line) => line.startsWith(`cgroup2 ${path} cgroup2 rw`));
}

function read(group: string, file: string): string {
  return readFileSync(join(group, file), "latin1").trim();
}

const root = findRoot();

/** A group as systemd delegates it: only the master is in it. */
function delegatedGroup() {
  const path = join(root ?? "", `test-brood-${process.pid}`);
  mkdirSync(path);
  return { path, [Symbol.dispose]: () => rmdirSync(path) };
}

/** Runs a master in `group`, from its first instruction on. */
function master(group: string, controller: string, events: string) {
  const into = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
  const script = join(import.meta.dir, "cgroup-master.ts");
  const cmd = [process.execPath, script, group, controller, events];
  return run(["/bin/sh", "-c", into, group, ...cmd]);
}

describe.if(root !== null)("a group for each child", () => {
  const control = join(root ?? "", "cgroup.subtree_control");
  let wasEnabled = false;

  beforeAll(() => {
    wasEnabled = readFileSync(control, "latin1").includes(STAND_IN);
    if (!wasEnabled) writeFileSync(control, `+${STAND_IN}`);
  });
  afterAll(() => {
    if (!wasEnabled) writeFileSync(control, `-${STAND_IN}`);
  });

  test("holds the child and what it starts, apart from the master, and nothing is left behind", async () => {
    using group = delegatedGroup();
    const { stdout, stderr, exitCode } = await master(group.path, STAND_IN, "frozen");
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    const groups = JSON.parse(stdout);
    const name = `/${basename(group.path)}`;
    expect(groups.master).toMatch(new RegExp(`^${name}/brood-\\d+/master$`));
    expect(groups.child).toBe(groups.master.replace("master", "1"));
    expect(groups).toMatchObject({ descendant: groups.child, limit: "0", killed: [], after: name });
    expect(groups.pids.filter(isRunning)).toBeEmpty();
    expect(readdirSync(group.path).filter((entry) => entry.startsWith("brood-"))).toBeEmpty();
    expect(read(group.path, "cgroup.subtree_control")).toBe("");
  });

  test("is reported if the kernel has killed in it", async () => {
    using group = delegatedGroup();
    // A count that is not 0 while there are processes; the descendant still is when it is read.
    const { stdout } = await master(group.path, STAND_IN, "populated");
    const groups = JSON.parse(stdout);
    expect(groups.killed).toEqual([groups.pids[0]]);
  });

  test("is not made without its controller", async () => {
    using group = delegatedGroup();
    const { stderr, exitCode } = await master(group.path, "memory-of-the-moon", "frozen");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`no memory-of-the-moon controller in ${group.path}`);
  });

  test("is not made if other processes are in the master's group, and then nothing has changed", async () => {
    using group = delegatedGroup();
    await using other = Bun.spawn(["sleep", "1000"]);
    writeFileSync(join(group.path, "cgroup.procs"), String(other.pid));
    const { stderr, exitCode } = await master(group.path, STAND_IN, "frozen");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("EBUSY");
    expect(readdirSync(group.path).filter((entry) => entry.startsWith("brood-"))).toBeEmpty();
    writeFileSync(join(root as string, "cgroup.procs"), String(other.pid));
  });
});

describe("this process's group is found", () => {
  const mountinfo = (top: string, mount: string) =>
    `30 25 0:27 / /sys rw shared:7 - sysfs sysfs rw\n35 30 0:30 ${top} ${mount} rw,nosuid shared:9 - cgroup2 cgroup2 rw\n`;
  for (const [what, top, path, found] of [
    ["at the top", "/", "/", "/sys/fs/cgroup"],
    ["below it", "/", "/system.slice/a.service", "/sys/fs/cgroup/system.slice/a.service"],
    ["in a container that sees a part", "/docker/1", "/docker/1/a", "/sys/fs/cgroup/a"],
    ["in a container that is a part", "/docker/1", "/docker/1", "/sys/fs/cgroup"],
  ] as const) {
    test(what, async () => {
      using proc = fakeProc(`1:memory:/x\n0::${path}\n`, mountinfo(top, "/sys/fs/cgroup"));
      expect(ownCgroup(proc.path)).toBe(found);
    });
  }

  test("nowhere, if there is only v1", () => {
    using proc = fakeProc("1:memory:/x\n", "");
    expect(() => ownCgroup(proc.path)).toThrow("cgroup v2 is not mounted");
  });
});

function fakeProc(cgroup: string, mountinfo: string) {
  const base = mkdtempDisposableSync(join(tmpdir(), "test-proc-"));
  mkdirSync(join(base.path, "self"));
  writeFileSync(join(base.path, "self/cgroup"), cgroup);
  writeFileSync(join(base.path, "self/mountinfo"), mountinfo);
  return base;
}
