/**
 * All children have the same user, so what one has left behind is recognized by its session: each
 * child begins one (setsid(2)), and the processes that it starts stay in it. An orphan in the
 * session of no living child is a leftover. An orphan that has begun a session of its own cannot be
 * told from a leftover: it is killed within a second, even if its child lives.
 */
import { existsSync } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";
import type { ProcessCalls } from "../os/process-calls.ts";
import { signalProcessGroup } from "../os/process-group.ts";
import type { ChildUser, ChildUsers } from "./child-users.ts";
import { createOrphans, killUntilCleared, SWEEP_INTERVAL_MS } from "./orphans.ts";

/**
 * All children run as `user`. `startsProcesses`: children may start processes, so leftovers are
 * searched for when a child ends.
 */
export function sharedUser(
  user: ChildUser,
  calls: ProcessCalls,
  startsProcesses: boolean,
  warn: (message: string) => void,
): ChildUsers {
  /** Leftovers that have been killed and are not reaped yet. */
  const killed = new Set<number>();
  let killedCount = 0;
  const orphans = createOrphans(calls, (pid, { wasKilled }) => {
    // An orphan that was already ending by itself doesn't count.
    if (killed.delete(pid) && wasKilled) killedCount += 1;
  });
  const timer = setInterval(() => {
    const count = findLeftovers().filter(kill).length;
    if (count === 1) warn("killed an orphaned process that had left its child's session");
    if (count > 1) warn(`killed ${count} orphaned processes that had left their child's session`);
  }, SWEEP_INTERVAL_MS);
  timer.unref();

  function findLeftovers(): number[] {
    return orphans.find().flatMap(({ pid, session }) => (orphans.has(session) ? [] : [pid]));
  }

  /**
   * Kills leftovers, and those that they leave behind. @returns their number when all have ended
   */
  async function clear(ofPid: number): Promise<number> {
    const countBefore = killedCount;
    const refused = new Set<number>();
    const killRound = () => {
      const left = findLeftovers().filter((pid) => !refused.has(pid));
      for (const pid of left) {
        if (kill(pid)) {
          killed.add(pid);
        } else {
          refused.add(pid);
          warn(`PID ${pid}, which PID ${ofPid} left behind, runs a setuid program: it lives on`);
        }
      }
      return left.length === 0;
    };
    await killUntilCleared(killRound, () =>
      warn(`processes that PID ${ofPid} left behind have not ended yet`),
    );
    return killedCount - countBefore;
  }

  return {
    take: () => user,
    release() {},
    started: orphans.add,
    killed() {}, // these children cannot trace each other: os/denied-calls.ts
    ended(_, pid, onCleared) {
      orphans.delete(pid);
      if (startsProcesses && orphans.mayExist() && findLeftovers().length > 0) {
        void clear(pid).then(onCleared);
      } else {
        killGroup(pid); // in case no descriptor was left to find them with
        onCleared(0);
      }
    },
    cleaned: orphans.delete,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/**
 * All children run as `user`, on a machine without the system calls: only a child's
 * process group ends with it.
 */
export function sharedUserByGroups(user: ChildUser): ChildUsers {
  return {
    take: () => user,
    release() {},
    started() {},
    killed() {},
    ended(_, pid, onCleared) {
      killGroup(pid);
      onCleared(0);
    },
    cleaned() {},
    [Symbol.dispose]() {},
  };
}

/**
 * Kills what is left of a reaped child's process group. While the group exists, no new process can
 * get the child's PID. So if a process has it, the group is gone.
 */
function killGroup(pid: number): void {
  if (!existsSync(`/proc/${pid}`)) signalProcessGroup(pid, "KILL");
}

/** Kills an orphan. @returns false if this process may not: it runs a setuid program */
function kill(pid: number): boolean {
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
