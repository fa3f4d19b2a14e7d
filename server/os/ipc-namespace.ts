/**
 * Moves the calling thread, and everything it starts, into an IPC namespace of its own
 * (ipc_namespaces(7)): shared memory, semaphores and message queues, of System V (sysvipc(7)) and
 * of POSIX (mq_overview(7)). Those of the machine are out of reach, and the kernel destroys the
 * namespace with the last process in it. Files in /dev/shm are files like any others.
 */
import { writeFileSync } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";
import type { ConfineOutcome } from "./confine-outcome.ts";
import { SystemCallError, openSystemCalls } from "./system-calls.ts";

const CLONE_NEWIPC = 0x08000000;

/**
 * Limits of a namespace (proc(5)). Shared memory that no process has attached is freed when the
 * process that made it ends. Semaphores and messages that remain take some megabytes at most; by
 * default, semaphores alone could take 65 GB.
 */
const LIMITS = {
  "/proc/sys/kernel/shm_rmid_forced": "1",
  // Semaphores per set, in all and per call, and the number of sets: the defaults until Linux 3.19.
  "/proc/sys/kernel/sem": "250 32000 32 128",
  "/proc/sys/kernel/msgmni": "128",
};

/** Confines the calling thread, for good. Requires CAP_SYS_ADMIN. */
export function enterPrivateIpc(): ConfineOutcome {
  const result = openSystemCalls().call("unshare", CLONE_NEWIPC);
  if (!(result instanceof SystemCallError)) return setLimits();
  const reasons: Record<string, string> = {
    EPERM: "it requires root (CAP_SYS_ADMIN)",
    EINVAL: "this kernel has no IPC namespaces",
  };
  return { ok: false, reason: reasons[result.code] ?? `unshare: ${result.code}` };
}

/** The files show the values of the calling thread's namespace. */
function setLimits(): ConfineOutcome {
  for (const [path, value] of Object.entries(LIMITS)) {
    try {
      writeFileSync(path, value);
    } catch (error) {
      return { ok: false, reason: `${path}: ${errorCode(error) ?? String(error)}` };
    }
  }
  return { ok: true };
}
