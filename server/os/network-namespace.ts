/**
 * Moves the calling thread, and everything it starts, into a network namespace of its own
 * (network_namespaces(7)). No interface in it is up, so nothing can be reached: neither the
 * network, nor this machine's loopback, nor the abstract Unix sockets of other processes. Sockets
 * that are open already, such as a client's, go on working.
 */
import type { ConfineOutcome } from "./confine-outcome.ts";
import { SystemCallError, openSystemCalls } from "./system-calls.ts";

const CLONE_NEWNET = 0x40000000;

/**
 * Confines the calling thread, for good. Requires CAP_SYS_ADMIN. Another user could do it in a new
 * user namespace, but only a process with a single thread can enter one (unshare(2)).
 */
export function enterPrivateNetwork(): ConfineOutcome {
  const result = openSystemCalls().call("unshare", CLONE_NEWNET);
  if (!(result instanceof SystemCallError)) return { ok: true };
  const reasons: Record<string, string> = {
    EPERM: "a private network requires root (CAP_SYS_ADMIN)",
    EINVAL: "this kernel has no network namespaces",
    ENOSPC: "there are too many network namespaces",
  };
  return { ok: false, reason: reasons[result.code] ?? `unshare: ${result.code}` };
}
