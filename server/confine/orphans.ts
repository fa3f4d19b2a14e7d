/**
 * Finds processes that children have started and left behind. The master is the subreaper of all that its children
 * start (`ProcessCalls.becomeSubreaper`): a process whose parents have ended becomes the master's own child, whatever
 * session or group it has moved to. An unreaped child keeps its PID, so a signal to it never reaches another process.
 * A process that still has a living parent is found as soon as that one was killed.
 */
import { readFileSync } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";
import { readChildren, readSession } from "../../shared/proc.ts";
import type { ProcessCalls } from "../os/process-calls.ts";

/** A process that the master did not start, but is now the parent of. */
export interface Orphan {
  readonly pid: number;
  /** Its session (setsid(2)): that of the child that started it, unless it began its own. */
  readonly session: number;
  /** It is ending by itself, or has been killed: a program may end in the same moment as one that it has started. */
  readonly isEnding: boolean;
}

export interface Orphans {
  /** The master has started a child in a session of its own. */
  add(pid: number): void;
  /** A child of the master has been reaped. */
  delete(pid: number): void;
  /** Returns true if a child with this PID lives. */
  has(pid: number): boolean;
  /** Returns the living orphans, and reaps those that have ended. */
  find(): Orphan[];
}

const ZOMBIE = "Z";

export function createOrphans(calls: ProcessCalls): Orphans {
  const children = new Set<number>();
  // What the master starts for itself, such as getent(1), stays in its session; no orphan can enter that.
  const ownSession = readSession(process.pid)?.session;

  return {
    add: (pid) => void children.add(pid),
    delete: (pid) => void children.delete(pid),
    has: (pid) => children.has(pid),
    find() {
      return readChildren(process.pid).flatMap((pid) => {
        if (children.has(pid)) return [];
        const found = readSession(pid);
        if (found === null || found.session === ownSession) return [];
        const { state, session, isEnding } = found;
        if (state !== ZOMBIE || !isEnding) return [{ pid, session, isEnding }];
        calls.reap(pid);
        return [];
      });
    },
  };
}

/** Returns true if a process has this user ID, as its real, effective, saved or file system ID; false if it has gone or cannot be read now. */
export function hasUid(pid: number, uid: number): boolean {
  try {
    const [, uids = ""] = /^Uid:\t(.+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return uids.split("\t").includes(String(uid));
  } catch (error) {
    if (["ENOENT", "ESRCH", "EMFILE", "ENFILE"].includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}

/** Kills an orphan. @returns false if this process may not: it runs a setuid program. */
export function killOrphan(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === "ESRCH") return true;
    if (code === "EPERM") return false;
    throw error;
  }
}
