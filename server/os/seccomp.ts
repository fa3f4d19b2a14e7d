/**
 * A filter of system calls (seccomp(2)) for the calling thread and everything it starts. It lists
 * what is denied and allows the rest, so it closes known holes rather than building a wall. The
 * thread must have no_new_privs or CAP_SYS_ADMIN.
 */
import { ptr } from "bun:ffi";
import type { ConfineOutcome } from "./confine-outcome.ts";
import { type DeniedCall, buildFilter } from "./seccomp-filter.ts";
import { SystemCallError, openSystemCalls } from "./system-calls.ts";

const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
const INSTRUCTION_BYTES = 8;

/**
 * Confines the calling thread, for good. Filters add up: a later one cannot allow
 * what an earlier one denies.
 */
export function denySystemCalls(denied: readonly DeniedCall[]): ConfineOutcome {
  if (process.platform !== "linux") return { ok: false, reason: `this is ${process.platform}` };
  const filter = buildFilter(denied, process.arch);
  if (filter === null) return { ok: false, reason: `no filter for ${process.arch}` };
  // struct sock_fprog: u16 number of instructions, then their address.
  const program = new BigUint64Array(2);
  program[0] = BigInt(filter.length / INSTRUCTION_BYTES);
  program[1] = BigInt(ptr(filter));
  const { call } = openSystemCalls();
  const result = call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ptr(program));
  if (!(result instanceof SystemCallError)) return { ok: true };
  const reasons: Record<string, string> = {
    EACCES: "a filter of system calls requires no_new_privs",
    EINVAL: "this kernel has no seccomp filters",
  };
  return { ok: false, reason: reasons[result.code] ?? `seccomp: ${result.code}` };
}
