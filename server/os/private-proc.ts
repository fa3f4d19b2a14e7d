/**
 * Gives the calling thread, and everything it starts, a /proc of its own, in which users see only
 * their own processes (hidepid in proc(5)). It hides the command line, status and children of the
 * master, and other clients' children.
 */
import { ptr } from "bun:ffi";
import type { ConfineOutcome } from "./confine-outcome.ts";
import { SystemCallError, openSystemCalls } from "./system-calls.ts";

const CLONE_NEWNS = 0x20000;
const MS_NOSUID = 2;
const MS_NODEV = 4;
const MS_NOEXEC = 8;
const MS_REC = 0x4000;
const MS_SLAVE = 0x80000;

/**
 * Confines the calling thread, for good, to a mount namespace (mount_namespaces(7)): later mounts
 * of the host still appear in it. Requires CAP_SYS_ADMIN, and must come before Landlock, which
 * denies mounting. Useless for children of the master's own user. If only the mount fails, the
 * thread is left in a namespace that looks like the host's.
 */
export function enterPrivateProc(): ConfineOutcome {
  const { call } = openSystemCalls();
  const text = (value: string) => Buffer.from(`${value}\0`);
  const [proc, path, root, options] = [text("proc"), text("/proc"), text("/"), text("hidepid=2")];
  const flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  const steps = [
    () => call("unshare", CLONE_NEWNS),
    () => call("mount", 0, ptr(root), 0, MS_REC | MS_SLAVE, 0),
    () => call("mount", ptr(proc), ptr(path), ptr(proc), flags, ptr(options)),
  ];
  for (const step of steps) {
    const result = step();
    if (!(result instanceof SystemCallError)) continue;
    const required = "hiding processes requires root (CAP_SYS_ADMIN)";
    return { ok: false, reason: result.code === "EPERM" ? required : `/proc: ${result.code}` };
  }
  return { ok: true };
}
