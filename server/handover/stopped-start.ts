/**
 * A child of the same user can stop the next one before that has executed its program, with
 * SIGSTOP to the PIDs that come next. The thread that starts it waits for that (vfork(2)), and the
 * master waits for the thread.
 */
import { readThreadChildren, readUsage } from "../../shared/proc.ts";
import { signalProcess } from "../os/descendants.ts";

/** The kernel's letter for a stopped process, proc_pid_stat(5). */
const STOPPED = "T";

/**
 * Returns the function to call again and again while a thread of this process does not
 * reply: it lets a stopped child go on, and kills it if that does not help. `isStarted`
 * returns true for the PIDs of children that have executed their program. The function
 * returns false if the thread has ended.
 */
export function freesStoppedStarts(
  isStarted: (pid: number) => boolean,
  warn: (message: string) => void,
): (threadId: number) => boolean {
  let continued: number | null = null;

  function free(pid: number): void {
    const isStoppedAgain = pid === continued;
    const outcome = isStoppedAgain ? "again: killed" : "and was continued";
    warn(`PID ${pid} was stopped before it had executed its program, ${outcome}`);
    signalProcess(pid, isStoppedAgain ? "SIGKILL" : "SIGCONT");
    continued = pid;
  }

  return (threadId) => {
    const children = readThreadChildren(threadId);
    // Nobody but the thread reaps them, so a PID is not another process's meanwhile.
    for (const pid of children ?? []) {
      if (!isStarted(pid) && readUsage(pid)?.state === STOPPED) free(pid);
    }
    return children !== null;
  };
}
