/** seccomp(2): a filter of system calls for the calling thread and everything it starts. */
import type { ConfineOutcome } from "./confine-outcome.ts";

/** A system call that fails, always or only for some operands. Names as in syscalls(2). */
export interface DeniedCall {
  name: string;
  /** EPERM by default; ENOSYS for calls that programs try and do without. */
  error?: "EPERM" | "ENOSYS";
  /** Only if all of these hold. Compares the low 32 bits of an operand (0–5). */
  when?: readonly { operand: number; is?: number; isNot?: number }[];
}

/** Confines the calling thread, for good; it must have no_new_privs or be root. */
export function denySystemCalls(_denied: readonly DeniedCall[]): ConfineOutcome {
  throw new Error("not written yet");
}
