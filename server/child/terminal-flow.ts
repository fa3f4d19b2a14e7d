/**
 * What Bun's terminal does not do. Types into it, and tells how much it took. And holds back what the program in it
 * writes: Bun reads from a terminal whatever comes, so the kernel has to
 * be told that nothing should (tcflow(3)). The program then waits in its write, as it would for a slow terminal,
 * and no key that the user types can undo it.
 */
import { closeSync, readdirSync, readlinkSync, writeSync } from "node:fs";
import { FFIType, ptr } from "bun:ffi";
import { errorCode } from "../../shared/error-code.ts";
import { openLibc } from "../os/libc.ts";

export interface TerminalFlow {
  /** Gives the terminal so many of these bytes as it takes now; how many. To one that has gone all are given. */
  write(bytes: Uint8Array): number;
  hold(): void;
  release(): void;
}

// The constants of Linux, the same on x64 and arm64.
const TIOCGPTPEER = 0x5441; // ioctl_tty(2): the other side of a pseudo-terminal, whatever /dev/pts shows
const O_RDWR = 2;
const O_NOCTTY = 0o400;
const O_CLOEXEC = 0o2000000;
const TCOOFF = 0;
const TCOON = 1;
const SOL_SOCKET = 1;
const SO_OOBINLINE = 10;

/** Of the one terminal that this process has. @throws if there is none, or no C library. */
export function createTerminalFlow(): TerminalFlow {
  const libc = functions();
  const master = findTerminal();

  /** The other side is open for that moment only: as long as it is, the program's end is not seen. */
  function tell(action: number): void {
    const slave = libc.ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0) return; // the program and its terminal have gone
    libc.tcflow(slave, action);
    closeSync(slave);
  }

  function write(bytes: Uint8Array): number {
    try {
      return writeSync(master, bytes);
    } catch (error) {
      const code = errorCode(error);
      if (code === "EAGAIN") return 0;
      if (code === "EIO") return bytes.length;
      throw error;
    }
  }

  return { write, hold: () => tell(TCOOFF), release: () => tell(TCOON) };
}

/**
 * Has urgent bytes come in their place among the others (RFC 1122, 4.2.2.4): telnet sends the last byte of an
 * interrupt so, and without it the one before would take the next key for part of a command.
 */
export function takeUrgentInline(socket: number): void {
  const on = new Int32Array([1]);
  functions().setsockopt(socket, SOL_SOCKET, SO_OOBINLINE, ptr(on), on.byteLength);
}

function findTerminal(): number {
  const fds = readdirSync("/proc/self/fd").map(Number);
  const found = fds.find((fd) => linkOf(fd).endsWith("ptmx"));
  if (found === undefined) throw new Error("this process has no terminal");
  return found;
}

function linkOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return ""; // that of the listing
    throw error;
  }
}

function functions() {
  const { i32, u64, ptr: pointer } = FFIType;
  return openLibc({
    ioctl: { args: [i32, u64, u64], returns: i32 },
    tcflow: { args: [i32, i32], returns: i32 },
    setsockopt: { args: [i32, i32, i32, pointer, i32], returns: i32 },
  });
}
