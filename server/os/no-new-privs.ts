/**
 * Keeps the calling thread, and everything it starts, from gaining privileges by executing a file:
 * set-user-ID bits and file capabilities no longer count (PR_SET_NO_NEW_PRIVS in prctl(2)). So
 * sudo, su and ping may fail.
 */
import type { ConfineOutcome } from "./confine-outcome.ts";
import { SystemCallError, openSystemCalls } from "./system-calls.ts";

const PR_SET_NO_NEW_PRIVS = 38;

/**
 * Confines the calling thread, for good. Landlock and seccomp require it of a
 * thread without privileges.
 */
export function setNoNewPrivs(): ConfineOutcome {
  const result = openSystemCalls().call("prctl", PR_SET_NO_NEW_PRIVS, 1);
  return result instanceof SystemCallError ? { ok: false, reason: result.code } : { ok: true };
}
