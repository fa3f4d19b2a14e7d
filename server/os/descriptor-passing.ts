/**
 * Passes an open socket from one process to another over a Unix socket, with SCM_RIGHTS
 * (sendmsg(2), cmsg(3), unix(7)). Bun itself can do so only through `node:net`, which every child
 * would have to load. Linux only.
 */
import { FFIType, ptr } from "bun:ffi";
import { AF_UNIX, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_STREAM, SOL_SOCKET } from "./constants.ts";
import { openLibc } from "./libc.ts";

export interface DescriptorPassing {
  /**
   * Sends the socket `fd` with a short text, without blocking. The caller still owns `fd`.
   * @returns false if the other side is gone, or its queue is full.
   * @throws if the text is longer than MAX_TEXT_BYTES.
   */
  pass(socket: number, fd: number, text: string): boolean;
  /**
   * Receives a socket, which the caller owns. Blocks the whole process until it arrives.
   * @returns null if the other side has closed, or what arrived was not sent by `pass`.
   */
  take(socket: number): { fd: number; text: string } | null;
  /**
   * Reads what a socket has received, without blocking. Empty if there is nothing, or
   * the other side has closed.
   */
  read(fd: number): Buffer;
  /** Writes without blocking. Returns how many bytes the socket took. */
  write(fd: number, bytes: Buffer): number;
  /** Creates two connected Unix sockets, which the caller owns. @throws if that fails. */
  pair(): [number, number];
  /**
   * Returns another descriptor of the same open file, which the caller owns.
   * Close-on-exec. @throws if that fails.
   */
  duplicate(fd: number): number;
}

/** How much is read at a time: enough for a first request. */
const MAX_READ_BYTES = 4096;

/** The longest text that can be sent with a socket. */
const MAX_TEXT_BYTES = 8192;

// Constants of Linux, the same on x64 and arm64.
const SOCK_NONBLOCK = 0o4000;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const F_DUPFD_CLOEXEC = 1030;

/** @throws if this machine cannot pass descriptors, with the reason. */
export function openDescriptorPassing(): DescriptorPassing {
  if (process.platform !== "linux")
    throw new Error(`they require Linux, and this is ${process.platform}`);
  const libc = functions();
  const message = messageBuffer();
  const input = Buffer.alloc(MAX_READ_BYTES);

  return {
    pass(socket, fd, text) {
      const length = message.put(fd, text);
      return Number(libc.sendmsg(socket, message.header, MSG_DONTWAIT | MSG_NOSIGNAL)) === length;
    },
    take(socket) {
      message.clear();
      const length = Number(libc.recvmsg(socket, message.header, MSG_CMSG_CLOEXEC));
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
 * A `struct msghdr` with one `struct iovec` of text and room for one descriptor, reused for every
 * message. The addresses in it are valid while the arrays live, which is why the functions below
 * refer to them, and only if nothing reads the `buffer` of a typed array: that would move it.
 */
function messageBuffer() {
  const text = Buffer.alloc(MAX_TEXT_BYTES);
  const iovec = new BigUint64Array(2);
  iovec[0] = BigInt(ptr(text));
  // struct cmsghdr: size_t length, int level, int type; then the descriptor, padded to 8 bytes.
  const control = new DataView(new ArrayBuffer(24));
  const CONTROL_LENGTH = 20n;
  // name, namelen, iov, iovlen, control, controllen, flags: 8 bytes each with their padding.
  const header = new BigUint64Array(7);
  header[2] = BigInt(ptr(iovec));
  header[3] = 1n;
  header[4] = BigInt(ptr(control.buffer));

  function clear(): void {
    iovec[1] = BigInt(MAX_TEXT_BYTES);
    header[5] = BigInt(control.byteLength);
    control.setBigUint64(0, 0n, true);
  }

  return {
    header: ptr(header),
    clear,
    /** Returns the length of the text in bytes. */
    put(fd: number, content: string): number {
      clear();
      const length = text.write(content);
      if (length < Buffer.byteLength(content))
        throw new Error(`more than ${MAX_TEXT_BYTES} bytes of text`);
      iovec[1] = BigInt(length);
      control.setBigUint64(0, CONTROL_LENGTH, true);
      control.setInt32(8, SOL_SOCKET, true);
      control.setInt32(12, SCM_RIGHTS, true);
      control.setInt32(16, fd, true);
      return length;
    },
    /**
     * Returns what was received: `length` bytes of text and a descriptor;
     * null without a descriptor.
     */
    get(length: number) {
      if (control.getBigUint64(0, true) !== CONTROL_LENGTH) return null;
      return { fd: control.getInt32(16, true), text: text.toString("utf8", 0, length) };
    },
  };
}
