/**
 * Keeps other processes of the same user from reading this one's memory, environment and
 * descriptors, tracing it, or writing to its files in /proc: it is made non-dumpable
 * (PR_SET_DUMPABLE in prctl(2), ptrace(2), proc(5)). Root still can. The whole process is affected,
 * whichever thread calls; programs that it executes are not.
 */
import type { ConfineOutcome } from "./confine-outcome.ts";
import { SystemCallError, openSystemCalls } from "./system-calls.ts";

const PR_SET_DUMPABLE = 4;

/** Makes this process non-dumpable. It writes no core dumps from now on. */
export function makeNonDumpable(): ConfineOutcome {
  const result = openSystemCalls().call("prctl", PR_SET_DUMPABLE, 0);
  return result instanceof SystemCallError ? { ok: false, reason: result.code } : { ok: true };
}
