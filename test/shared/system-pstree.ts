/** Runs psmisc's pstree on this machine and on made-up tables of processes. */
import { mkdtempDisposableSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readProcesses, type Process } from "../../shared/proc.ts";
import { isRoot, writeProc } from "./made-up-proc.ts";

/** A made-up table of processes, and the arguments of pstree. */
export interface Question {
  processes: readonly Process[];
  args: string;
}

/** Runs pstree on the processes of this machine. */
export function systemPstree(args: string): string {
  return run(["pstree", ...args.split(" ")]);
}

/**
 * Runs pstree on made-up tables, each mounted over /proc. Returns its output, and the table as
 * `readProcesses` reads it. All run in one mount namespace, because creating one takes longer
 * than printing many trees.
 */
export function systemPstreeOf<Q extends Question>(questions: readonly Q[]) {
  using base = mkdtempDisposableSync("/dev/shm/brood-proc-");
  const tables = questions.map(({ processes }, i) => readBack(join(base.path, `${i}`), processes));
  const steps = questions.map(({ args }, i) => answer(join(base.path, `${i}`), args));
  const script = join(base.path, "script");
  writeFileSync(script, ["set -e", ...steps].join("\n"));
  const printed = run(["unshare", isRoot ? "-m" : "-rm", "sh", script]).split("\0");
  return questions.map((question, i) => ({
    ...question,
    processes: tables[i] ?? [],
    printed: printed[i] ?? "",
  }));
}

function answer(root: string, args: string): string {
  return `mount --bind ${root} /proc; pstree ${args}; printf '\\0'; umount /proc`;
}

function readBack(root: string, processes: readonly Process[]): Process[] {
  writeProc(root, processes);
  const read = readProcesses(root);
  const listed = readdirSync(root).map(Number).filter(Number.isInteger);
  if (String(listed) !== String(read.map(({ pid }) => pid)))
    throw new Error(`${root} is not listed by PID as /proc is: pstree would show another order`);
  // In its own user namespace, a user other than root is root.
  return isRoot ? read : read.map((process) => ({ ...process, uid: 0 }));
}

function run(cmd: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(cmd, { env: { ...process.env, LC_ALL: "C" } });
  if (exitCode === 0) return stdout.toString();
  const needs = "Needs psmisc, and root or the permission to make user and mount namespaces.";
  throw new Error(`${cmd.join(" ")}: ${stderr.toString().trim()}\n${needs}`);
}
