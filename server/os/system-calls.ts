/**
 * System calls of the calling thread, with the reason for a failure as a value. Everything that
 * confines a thread is made of these: Bun has no function for them. Linux only.
 */
import { FFIType, read } from "bun:ffi";
import { constants } from "node:os";
import { openLibc } from "./libc.ts";
import { type SystemCallName, systemCallNumber } from "./system-call-numbers.ts";

export interface SystemCalls {
  /**
   * Makes a system call. Operands that aren't given are 0, as prctl(2) requires. Pointers are
   * numbers (`ptr` of bun:ffi). Returns what the call returns, or an error.
   */
  call(
    name: SystemCallName,
    a?: number,
    b?: number,
    c?: number,
    d?: number,
    e?: number,
  ): number | SystemCallError;
}

/** Why a system call failed. */
export class SystemCallError {
  constructor(
    /** Such as "EPERM". */
    readonly code: string,
  ) {}
}

/** Second names of EOPNOTSUPP and EAGAIN. */
const ALIASES = new Set(["ENOTSUP", "EWOULDBLOCK"]);

/** @throws if there is no C library, or this is not Linux. */
export function openSystemCalls(): SystemCalls {
  if (process.platform !== "linux")
    throw new Error(`this requires Linux, and this is ${process.platform}`);
  const { i64_fast: word, ptr: pointer } = FFIType;
  const libc = openLibc({
    syscall: { args: [word, word, word, word, word, word], returns: word },
    // errno(3) is a macro that calls this, in glibc and in musl.
    __errno_location: { args: [], returns: pointer },
  });
  return {
    call(name, a = 0, b = 0, c = 0, d = 0, e = 0) {
      const result = Number(libc.syscall(systemCallNumber(name), a, b, c, d, e));
      if (result !== -1) return result;
      const location = libc.__errno_location();
      return new SystemCallError(location === null ? "unknown" : errorName(read.i32(location)));
    },
  };
}

function errorName(errno: number): string {
  const named = Object.entries(constants.errno).find(
    ([name, value]) => value === errno && !ALIASES.has(name),
  );
  return named?.[0] ?? `errno ${errno}`;
}
