/**
 * A service whose child was taken over: it does to another process what its client asks for,
 * and reports how that went.
 */
import { dlopen, FFIType } from "bun:ffi";
import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
} from "node:fs";
import { service } from "brood";

const { i32, i64_fast: long } = FFIType;
const libc = dlopen("libc.so.6", {
  syscall: { args: [long, long, long, long], returns: long },
  ptrace: { args: [i32, long, long, long], returns: long },
}).symbols;

const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_GETFD = 438;
const PTRACE_SEIZE = 0x4206;
const CLIENT_FD = 3;

/**
 * What can be tried on a process, or a file. Each throws, or returns a negative
 * number, if it is refused.
 */
const ATTEMPTS: Record<string, (target: string) => unknown> = {
  pidfd_getfd: (pid) =>
    libc.syscall(SYS_PIDFD_GETFD, libc.syscall(SYS_PIDFD_OPEN, Number(pid), 0, 0), CLIENT_FD, 0),
  ptrace: (pid) => libc.ptrace(PTRACE_SEIZE, Number(pid), 0, 0),
  kill: (pid) => process.kill(Number(pid), 0),
  environ: (pid) => readFileSync(`/proc/${pid}/environ`),
  fd: (pid) => readdirSync(`/proc/${pid}/fd`),
  mem(pid) {
    const fd = openSync(`/proc/${pid}/mem`, "r+");
    closeSync(fd);
  },
  read(path) {
    const fd = openSync(path, "r");
    readSync(fd, Buffer.alloc(1));
    closeSync(fd);
  },
  write(path) {
    const fd = openSync(path, "a");
    closeSync(fd);
  },
  chmod: (path) => chmodSync(path, 0o600),
  create: (directory) => writeFileSync(`${directory}/planted`, ""),
};

function attempt(what: string, target: string): string {
  try {
    return Number(ATTEMPTS[what]?.(target)) < 0 ? "refused" : "possible";
  } catch (error) {
    const code = (error as { code?: string }).code ?? String(error);
    return ["EPERM", "EACCES"].includes(code) ? "refused" : code;
  }
}

export default service({
  line(client, line) {
    const [what = "", target = ""] = line.split(" ");
    void client.write(`${what} ${attempt(what, target)}\n`);
  },
});
