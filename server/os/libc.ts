/** Opens the C library, for system calls that Bun has no function for. */
import { dlopen, type FFIFunction } from "bun:ffi";

/** The name of glibc, then of musl. */
const NAMES = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];

/**
 * Returns functions of the C library. @throws if it cannot be opened, with
 * the names that were tried.
 */
export function openLibc<const Functions extends Record<string, FFIFunction>>(
  functions: Functions,
) {
  const errors: unknown[] = [];
  for (const name of NAMES) {
    try {
      return dlopen(name, functions).symbols;
    } catch (error) {
      errors.push(error);
    }
  }
  throw new AggregateError(errors, `no C library could be opened (${NAMES.join(", ")})`);
}
