/** The list of processes: which of them are reread, and when. */
import { describe, expect, test } from "bun:test";
import { mkdtempDisposableSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProcessList } from "../../../dashboard/page/process-list.ts";
import type { Process } from "../../../shared/proc.ts";
import { possibleUids, writeProc, writeProcess } from "../../shared/made-up-proc.ts";

const [uid = 0] = possibleUids;
const MASTER: Process = { pid: 2, ppid: 1, uid, comm: "server" };

/** Creates a fake /proc with a master that has `count` children. */
function family(count: number) {
  const directory = mkdtempDisposableSync(join(tmpdir(), "brood-proc-"));
  const root = join(directory.path, "proc");
  const children = Array.from({ length: count }, (_, i) => ({ ...MASTER, pid: 10 + i, ppid: 2 }));
  writeProc(root, [MASTER, ...children]);
  return {
    root,
    children: new Set(children.map(({ pid }) => pid)),
    [Symbol.dispose]: () => directory.remove(),
  };
}

test("as long as nothing changes, the same array is returned", () => {
  using proc = family(3);
  const list = createProcessList(proc.root);
  const first = list(proc.children, true);
  expect(first).toHaveLength(4);
  expect(list(proc.children, true)).toBe(first);
});

test("with few children, each change is seen in the next sample", () => {
  using proc = family(3);
  const list = createProcessList(proc.root);
  list(proc.children, true);
  writeProcess(proc.root, { ...MASTER, pid: 11, ppid: 2, comm: "vim" });
  expect(list(proc.children, true)).toContainEqual({ ...MASTER, pid: 11, ppid: 2, comm: "vim" });
});

test("with many children, a change of a child takes a few samples, that of another process one", () => {
  using proc = family(500);
  const list = createProcessList(proc.root);
  list(proc.children, true);
  writeProcess(proc.root, { ...MASTER, pid: 250, ppid: 2, comm: "vim" });
  writeProcess(proc.root, { ...MASTER, pid: 2000, ppid: 10, comm: "bash" });
  const names = () => (list(proc.children, true) as Process[]).map(({ comm }) => comm);
  const second = names();
  expect(second).toContain("bash");
  expect(second).not.toContain("vim");
  const later = [second, names(), names()];
  expect(later.some((all) => all.includes("vim"))).toBe(true);
  writeProcess(proc.root, { ...MASTER, pid: 2000, ppid: 10, comm: "top" });
  expect(names()).toContain("top");
});

test("a process that has gone leaves the list immediately, whether it is a child or not", () => {
  using proc = family(500);
  const list = createProcessList(proc.root);
  list(proc.children, true);
  rmSync(join(proc.root, "300"), { recursive: true });
  proc.children.delete(300);
  const pids = (list(proc.children, true) as Process[]).map(({ pid }) => pid);
  expect(pids).not.toContain(300);
  expect(pids).toHaveLength(500);
});

describe("between two listings", () => {
  /** Listings take 2 ms and may take 1 % of the time. */
  function clock() {
    let at = 0;
    return { now: () => (at += 2), wait: (ms: number) => void (at += ms) };
  }

  test("children come and go, and /proc is not listed", () => {
    using proc = family(3);
    const { now, wait } = clock();
    const list = createProcessList(proc.root, now);
    const pids = (children: number[]) =>
      (list(new Set(children), false) as Process[]).map(({ pid }) => pid);
    expect(pids([10, 11, 12])).toEqual([2, 10, 11, 12]);
    writeProcess(proc.root, { ...MASTER, pid: 4, ppid: 2 });
    writeProcess(proc.root, { ...MASTER, pid: 13, ppid: 2 });
    writeProcess(proc.root, { ...MASTER, pid: 2000, ppid: 1, comm: "bash" });
    expect(pids([4, 11, 12, 13])).toEqual([2, 4, 11, 12, 13]);
    expect(pids([4, 11, 12])).toEqual([2, 4, 11, 12]);
    rmSync(join(proc.root, "13"), { recursive: true });
    wait(1000);
    expect(pids([4, 11, 12])).toEqual([2, 4, 10, 11, 12, 2000]);
  });

  test("a child that ends before it is read is left out", () => {
    using proc = family(3);
    const list = createProcessList(proc.root, clock().now);
    const first = list(new Set([10, 11, 12]), false);
    expect(list(new Set([10, 11, 12, 13]), false)).toBe(first);
  });

  test("an exact list is current immediately", () => {
    using proc = family(3);
    const list = createProcessList(proc.root, clock().now);
    list(proc.children, false);
    writeProcess(proc.root, { ...MASTER, pid: 2000, ppid: 10, comm: "bash" });
    expect(list(proc.children, false)).not.toContainEqual(expect.objectContaining({ pid: 2000 }));
    expect(list(proc.children, true)).toContainEqual(expect.objectContaining({ pid: 2000 }));
  });
});

test("a process that has just started is reread, however many others there are", () => {
  using proc = family(500);
  const list = createProcessList(proc.root);
  list(proc.children, true);
  for (let count = 0; count < 5; count += 1) list(proc.children, true);
  writeProcess(proc.root, { ...MASTER, pid: 3000, ppid: 2, comm: "limiter" });
  const children = new Set([...proc.children, 3000]);
  list(children, true);
  writeProcess(proc.root, { ...MASTER, pid: 3000, ppid: 2, comm: "vim" });
  expect((list(children, true) as Process[]).at(-1)?.comm).toBe("vim");
});

test("without /proc, the result is an error that says so", () => {
  expect(createProcessList("/nowhere/proc")(new Set(), true)).toEqual(expect.any(Error));
});
