/**
 * What Bun's terminal cannot do: type into it and learn how much it took, and hold back the output
 * of the program in it. Bun reads whatever a terminal has, so the kernel is told that it has
 * nothing (tcflow(3)). The program then waits in its write, as it would for a slow terminal, and no
 * key that the user types can undo it.
 */
import { closeSync, readdirSync, readlinkSync, writeSync } from "node:fs";
import { FFIType, ptr } from "bun:ffi";
import { errorCode } from "../../shared/error-code.ts";
import { O_CLOEXEC, SOL_SOCKET } from "../os/constants.ts";
import { openLibc } from "../os/libc.ts";

export interface TerminalFlow {
  /**
   * Types into the terminal; returns how many of the bytes it took. A terminal
   * that has gone takes them all.
   */
  write(bytes: Uint8Array): number;
  /** Holds back the output of the terminal until `release`. */
  hold(): void;
  release(): void;
}

// Constants of Linux, the same on x64 and arm64.
const TIOCGPTPEER = 0x5441; // ioctl_tty(2): opens the other side of a pseudo-terminal, without /dev/pts
const O_RDWR = 2;
const O_NOCTTY = 0o400;
const TCOOFF = 0;
const TCOON = 1;
const SO_OOBINLINE = 10;

/**
 * For the one terminal that this process has. @throws if it has none, or the C
 * library cannot be opened.
 */
export function createTerminalFlow(): TerminalFlow {
  const libc = openFunctions();
  const master = findTerminal();

  /**
   * Opens the other side for this call only: while it is open the end of
   * the program goes unnoticed.
   */
  function control(action: number): void {
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

  return { write, hold: () => control(TCOOFF), release: () => control(TCOON) };
}

/**
 * Delivers a socket's urgent bytes in their place among the others (RFC 1122, 4.2.2.4). Telnet
 * sends the last byte of an interrupt that way; without it the byte before would take the next
 * key for part of a command.
 */
export function deliverUrgentInline(socket: number): void {
  const on = new Int32Array([1]);
  openFunctions().setsockopt(socket, SOL_SOCKET, SO_OOBINLINE, ptr(on), on.byteLength);
}

/** Returns the descriptor of the terminal, which stays Bun's. */
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
    if (errorCode(error) === "ENOENT") return ""; // the descriptor that listed the directory
    throw error;
  }
}

function openFunctions() {
  const { i32, u64, ptr: pointer } = FFIType;
  return openLibc({
    ioctl: { args: [i32, u64, u64], returns: i32 },
    tcflow: { args: [i32, i32], returns: i32 },
    setsockopt: { args: [i32, i32, i32, pointer, i32], returns: i32 },
  });
}
