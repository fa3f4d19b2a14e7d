/** Opens the C library, for what Bun has no function of its own for. */
import { dlopen, type FFIFunction } from "bun:ffi";

/** glibc's name, then musl's. */
const NAMES = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];

/** Gives these functions of it. @throws if there is no C library, with what was tried. */
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
