/**
 * What brood does to descriptors by hand, with libc: it passes an open socket from one process to
 * another over a Unix socket, as SCM_RIGHTS does it (sendmsg(2), cmsg(3), unix(7)). Bun cannot, short
 * of loading `node:net` into each child. The one file that does so, and Linux's alone.
 */
import { FFIType, ptr } from "bun:ffi";
import { openLibc } from "./libc.ts";

export interface DescriptorPassing {
  /**
   * Passes the socket `fd` and a short text; the caller keeps its own `fd`. Never waits.
   * @returns false if the other side is gone or takes nothing.
   */
  pass(over: number, fd: number, text: string): boolean;
  /**
   * Waits, and lets this whole process wait, until a socket comes; the caller owns it.
   * @returns null when the other side has ended, or what came is nothing that `pass` sends.
   */
  take(over: number): { fd: number; text: string } | null;
  /** What has come on a socket and is there to read at once; empty if there is nothing, or an end. */
  read(fd: number): Buffer;
  /** Writes what a socket takes at once; gives how many bytes that was. */
  write(fd: number, bytes: Buffer): number;
  /** Two connected Unix sockets, which the caller owns. @throws if there are none to be had. */
  pair(): [number, number];
  /** Another descriptor, the caller's, of the same open file; no child inherits it. @throws likewise */
  duplicate(fd: number): number;
}

/** Bytes that `read` gives at most: a first request, not a flood. */
const READ_LIMIT = 4096;

/** Bytes of text that may go with a socket. */
const TEXT_LIMIT = 8192;

// The constants of Linux, the same on x64 and arm64.
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const F_DUPFD_CLOEXEC = 1030;

/** @throws an error that says why this machine has no such thing. */
export function openDescriptorPassing(): DescriptorPassing {
  if (process.platform !== "linux") throw new Error(`they need Linux, not ${process.platform}`);
  const libc = functions();
  const message = messageBuffer();
  const input = Buffer.alloc(READ_LIMIT);

  return {
    pass(over, fd, text) {
      const length = message.put(fd, text);
      return Number(libc.sendmsg(over, message.header, MSG_DONTWAIT | MSG_NOSIGNAL)) === length;
    },
    take(over) {
      message.clear();
      const length = Number(libc.recvmsg(over, message.header, MSG_CMSG_CLOEXEC));
      return length > 0 ? message.get(length) : null;
    },
    read(fd) {
      const length = Number(libc.recv(fd, ptr(input), input.length, MSG_DONTWAIT));
      return Buffer.from(input.subarray(0, Math.max(length, 0)));
    },
    write(fd, bytes) {
      if (bytes.length === 0) return 0;
      const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
      return Math.max(Number(libc.send(fd, ptr(bytes), bytes.length, flags)), 0);
    },
    pair() {
      const fds = new Int32Array(2);
      const kind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
      if (libc.socketpair(AF_UNIX, kind, 0, ptr(fds)) !== 0) throw new Error("socketpair failed");
      return [fds[0] as number, fds[1] as number];
    },
    duplicate(fd) {
      const copy = libc.fcntl(fd, F_DUPFD_CLOEXEC, 0);
      if (copy < 0) throw new Error(`descriptor ${fd} cannot be duplicated`);
      return copy;
    },
  };
}

function functions() {
  const { i32, i64_fast: size, ptr: pointer } = FFIType;
  return openLibc({
    sendmsg: { args: [i32, pointer, i32], returns: size },
    recvmsg: { args: [i32, pointer, i32], returns: size },
    send: { args: [i32, pointer, size, i32], returns: size },
    recv: { args: [i32, pointer, size, i32], returns: size },
    socketpair: { args: [i32, i32, i32, pointer], returns: i32 },
    fcntl: { args: [i32, i32, i32], returns: i32 },
  });
}

/**
 * A `struct msghdr` with one `struct iovec` of text and room for one descriptor, used again and again.
 * The addresses in it hold as long as what they point to does, which the functions below keep alive,
 * and only while nobody asks one of the arrays for its `buffer`: that would move it.
 */
function messageBuffer() {
  const text = Buffer.alloc(TEXT_LIMIT);
  const iovec = new BigUint64Array(2);
  iovec[0] = BigInt(ptr(text));
  // struct cmsghdr: size_t length, int level, int type; then the descriptor, padded to 8 bytes.
  const control = new DataView(new ArrayBuffer(24));
  const CONTROL_LENGTH = 20n;
  // name, its length, iovec, how many, control, its length, flags: 8 bytes each with padding.
  const header = new BigUint64Array(7);
  header[2] = BigInt(ptr(iovec));
  header[3] = 1n;
  header[4] = BigInt(ptr(control.buffer));

  function clear(): void {
    iovec[1] = BigInt(TEXT_LIMIT);
    header[5] = BigInt(control.byteLength);
    control.setBigUint64(0, 0n, true);
  }

  return {
    header: ptr(header),
    clear,
    put(fd: number, content: string): number {
      clear();
      const length = text.write(content);
      if (length < Buffer.byteLength(content))
        throw new Error(`more than ${TEXT_LIMIT} bytes of text`);
      iovec[1] = BigInt(length);
      control.setBigUint64(0, CONTROL_LENGTH, true);
      control.setInt32(8, SOL_SOCKET, true);
      control.setInt32(12, SCM_RIGHTS, true);
      control.setInt32(16, fd, true);
      return length;
    },
    get(length: number) {
      if (control.getBigUint64(0, true) !== CONTROL_LENGTH) return null;
      return { fd: control.getInt32(16, true), text: text.toString("utf8", 0, length) };
    },
  };
}
