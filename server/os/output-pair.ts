/**
 * Pairs of sockets, one for a process to write its output to, the other for reading it
 * (socketpair(2)). Linux only.
 */
import { FFIType, ptr } from "bun:ffi";
import { AF_UNIX, SOCK_CLOEXEC, SOCK_STREAM } from "./constants.ts";
import { openLibc } from "./libc.ts";

export interface OutputPair {
  /** Not blocking, for an event loop. */
  readEnd: number;
  /** Blocks while its reader does not keep up, as programs expect of their output. */
  writeEnd: number;
}

// Constants of Linux, the same on x64 and arm64.
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;

/**
 * Returns a function that makes a pair, which the caller owns. It throws an error with
 * code EMFILE if it cannot.
 * @throws if the C library cannot be opened
 */
export function openOutputPairs(): () => OutputPair {
  const { i32, ptr: pointer } = FFIType;
  const libc = openLibc({
    socketpair: { args: [i32, i32, i32, pointer], returns: i32 },
    fcntl: { args: [i32, i32, i32], returns: i32 },
  });
  return () => {
    const fds = new Int32Array(2);
    if (libc.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ptr(fds)) !== 0) {
      // The other reasons in socketpair(2) are about its arguments, which are constant.
      throw Object.assign(new Error("EMFILE: too many open files, socketpair"), { code: "EMFILE" });
    }
    const [readEnd = -1, writeEnd = -1] = fds;
    libc.fcntl(readEnd, F_SETFL, O_NONBLOCK);
    return { readEnd, writeEnd };
  };
}
