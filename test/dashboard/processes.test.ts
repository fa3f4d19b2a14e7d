/** The list of processes: what is read again, and when. */
import { expect, test } from "bun:test";
import { mkdtempDisposableSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processList } from "../../dashboard/processes.ts";
import type { Process } from "../../shared/proc.ts";
import { possibleUids, writeProc, writeProcess } from "../shared/made-up-proc.ts";

const [uid = 0] = possibleUids;
const MASTER: Process = { pid: 2, ppid: 1, uid, comm: "server" };

/** A made-up /proc of a master with so many children. */
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

test("while nothing changes the very same list is given", () => {
  using proc = family(3);
  const list = processList(proc.root);
  const first = list(proc.children);
  expect(first).toHaveLength(4);
  expect(list(proc.children)).toBe(first);
});

test("of few children each change is seen at the next look", () => {
  using proc = family(3);
  const list = processList(proc.root);
  list(proc.children);
  writeProcess(proc.root, { ...MASTER, pid: 11, ppid: 2, comm: "vim" });
  expect(list(proc.children)).toContainEqual({ ...MASTER, pid: 11, ppid: 2, comm: "vim" });
});

test("of many children a change is seen after some looks, of others at once", () => {
  using proc = family(500);
  const list = processList(proc.root);
  list(proc.children);
  writeProcess(proc.root, { ...MASTER, pid: 509, ppid: 2, comm: "vim" });
  writeProcess(proc.root, { ...MASTER, pid: 2000, ppid: 10, comm: "bash" });
  const names = () => (list(proc.children) as Process[]).map(({ comm }) => comm);
  const second = names();
  expect(second).toContain("bash");
  expect(second).not.toContain("vim");
  const later = [second, names(), names()];
  expect(later.some((all) => all.includes("vim"))).toBe(true);
  writeProcess(proc.root, { ...MASTER, pid: 2000, ppid: 10, comm: "top" });
  expect(names()).toContain("top");
});

test("one that has gone is gone from the list at once, child or not", () => {
  using proc = family(500);
  const list = processList(proc.root);
  list(proc.children);
  rmSync(join(proc.root, "300"), { recursive: true });
  proc.children.delete(300);
  const pids = (list(proc.children) as Process[]).map(({ pid }) => pid);
  expect(pids).not.toContain(300);
  expect(pids).toHaveLength(500);
});

test("where there is no /proc it is an error that says so", () => {
  expect(processList("/nowhere/proc")(new Set())).toEqual(expect.any(Error));
});
