/** A directory that looks like /proc to `readProcesses` and to psmisc's pstree. */
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Process } from "../../shared/proc.ts";

export const isRoot = process.getuid?.() === 0;

/** The owners that a made-up process can have: only root can change the owner of a file. */
export const possibleUids = isRoot ? [0, 1, 1000] : [process.getuid?.() ?? 0];

/**
 * Fills a new directory. A tmpfs lists the newest entry first; written in this order, it
 * lists by PID as /proc does.
 */
export function writeProc(root: string, processes: readonly Process[]): void {
  mkdirSync(root);
  writeFileSync(join(root, "uptime"), "100.00 100.00\n");
  for (const process of processes.toSorted((a, b) => b.pid - a.pid)) writeProcess(root, process);
}

/** Adds or changes a process. */
export function writeProcess(root: string, { pid, ppid, uid, comm }: Process): void {
  const directory = join(root, String(pid));
  mkdirSync(directory, { recursive: true });
  const stat = `${pid} (${comm}) S ${ppid} ${pid} ${pid} 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n`;
  writeFileSync(join(directory, "stat"), stat, "latin1");
  if (isRoot) chownSync(directory, uid, uid);
}
