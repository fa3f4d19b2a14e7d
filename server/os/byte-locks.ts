/**
 * Locks between processes on ranges of a file's bytes, which need not exist: open file description
 * locks (fcntl(2)). The kernel releases them when their owner closes the file or ends, however it
 * ends. Linux only.
 */
import { FFIType, ptr } from "bun:ffi";
import { closeSync, constants, openSync } from "node:fs";
import { O_CLOEXEC } from "./constants.ts";
import { openLibc } from "./libc.ts";

export interface ByteLocks extends Disposable {
  /**
   * Locks `count` bytes from `first` on. @returns false if another process has locked one of them
   */
  lock(first: number, count: number): boolean;
  unlock(first: number, count: number): void;
}

// Constants of Linux, the same on x64 and arm64.
const F_OFD_GETLK = 36;
const F_OFD_SETLK = 37;
const F_WRLCK = 1;
const F_UNLCK = 2;

/** The layout of struct flock: the type (16 bits), and the rest as 64-bit numbers. */
const FLOCK_BYTES = 32;
const START = 1;
const LENGTH = 2;

/**
 * Creates the file, for its owner alone. @throws if this process may not, or
 * the kernel has no such locks
 */
export function openByteLocks(path: string): ByteLocks {
  const { i32, ptr: pointer } = FFIType;
  const libc = openLibc({ fcntl: { args: [i32, i32, pointer], returns: i32 } });
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | O_CLOEXEC;
  const fd = openSync(path, flags, 0o600);
  const flock = new ArrayBuffer(FLOCK_BYTES);
  const type = new Int16Array(flock, 0, 1);
  const fields = new BigInt64Array(flock);

  function call(command: number, what: number, first: number, count: number): boolean {
    fields.fill(0n);
    type[0] = what;
    fields[START] = BigInt(first);
    fields[LENGTH] = BigInt(count);
    return libc.fcntl(fd, command, ptr(fields)) === 0;
  }

  if (!call(F_OFD_GETLK, F_WRLCK, 0, 1)) {
    closeSync(fd);
    throw new Error(`${path}: the kernel has no open file description locks`);
  }
  return {
    lock: (first, count) => call(F_OFD_SETLK, F_WRLCK, first, count),
    unlock: (first, count) => void call(F_OFD_SETLK, F_UNLCK, first, count),
    [Symbol.dispose]: () => closeSync(fd),
  };
}
