/**
 * What the child of a built-in service tries once it was taken over. Each
 * attempt undoes what it has done.
 */
import { ptr } from "bun:ffi";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { CLIENT_FD } from "../../../server/channel/child-start.ts";
import type { SystemCallName } from "../../../server/os/system-call-numbers.ts";
import { openSystemCalls, SystemCallError } from "../../../server/os/system-calls.ts";

export interface Targets {
  master: number;
  /** The thread that started this child, and has the same sandbox. */
  thread: number;
  sibling: number;
  pagePort: number;
  /** A file, and a directory with it, that this child's user may read and write. */
  file: string;
  folder: string;
  /** A socket for datagrams, for everyone. */
  datagrams: string;
  history: string;
  state: string;
  /** The directory of the children's program. */
  program: string;
}

const AF_UNIX = 1;
const AF_INET = 2;
const STREAM = 1;
const DATAGRAM = 2;
/**
 * Of each address family that is not for a privileged user only: address family, type, protocol.
 */
const SOCKETS: Record<string, [number, number, number]> = {
  TCP: [AF_INET, STREAM, 0],
  UDP: [AF_INET, DATAGRAM, 0],
  "TCP over IPv6": [10, STREAM, 0],
  multipath: [AF_INET, STREAM, 262],
  "Unix stream": [AF_UNIX, STREAM, 0],
  "Unix datagram": [AF_UNIX, DATAGRAM, 0],
  netlink: [16, 3, 0],
  packet: [17, 3, 0],
  crypto: [38, 5, 0],
  vsock: [40, STREAM, 0],
  SMC: [43, STREAM, 0],
};

const PTRACE_SEIZE = 0x4206;
const F_SETOWN = 8;
const F_SETLEASE = 1024;
const IPC_CREATE = 0o1600;
const IPC_RMID = 0;
const O_CREAT_RDWR = 0o102;
const CLONE_FS = 0x200;
const CLONE_NEWUSER = 0x10000000;
/** Of shmat(2). */
const SHM_RDONLY = 0o10000;
const KEYCTL_GET_KEYRING_ID = 0;
const SESSION_KEYRING = -3;

/** So that the addresses of what is in it stay valid. */
const memory: Buffer[] = [];

function address(bytes: Buffer | string): number {
  const kept = Buffer.from(typeof bytes === "string" ? `${bytes}\0` : bytes);
  memory.push(kept);
  return ptr(kept);
}

const { call: systemCall } = openSystemCalls();

/** @throws an error with the `code` of a call that fails */
function call(name: SystemCallName, ...[a, b, c, d, e]: number[]): number {
  const result = systemCall(name, a, b, c, d, e);
  if (result instanceof SystemCallError) throw Object.assign(new Error(name), result);
  return result;
}

function internetAddress(port: number): number {
  return address(
    Buffer.from([AF_INET, 0, port >> 8, port & 255, 127, 0, 0, 1, ...Buffer.alloc(8)]),
  );
}

/** Returns the address of a `struct msghdr` (sendmsg(2)). */
function datagramTo(path: string): number {
  const to = Buffer.from(`\x01\0${path}\0`);
  const header = new BigUint64Array(7);
  const text = new BigUint64Array([BigInt(address("forged")), 6n]);
  header.set([address(to), to.length, address(Buffer.from(text.buffer)), 1].map(BigInt));
  return address(Buffer.from(header.buffer));
}

type Attempts = Record<string, () => unknown>;

function onFiles({ file, folder, history, state, program }: Targets): Attempts {
  const create = (directory: string) => () => {
    const path = `${directory}/forged-${process.pid}`;
    writeFileSync(path, "", { flag: "wx" });
    rmSync(path);
  };
  const make = (how: (path: string) => void) => () => {
    const path = `${folder}/made`;
    how(path);
    rmSync(path, { recursive: true });
  };
  return {
    "read /etc/passwd": () => readFileSync("/etc/passwd"),
    "read a file": () => readFileSync(file),
    "read the history": () => readFileSync(history),
    "list the state": () => readdirSync(state),
    "list /": () => readdirSync("/"),
    "list /tmp": () => readdirSync("/tmp"),
    "create in /tmp": create("/tmp"),
    "create in /var/tmp": create("/var/tmp"),
    "create in /dev/shm": create("/dev/shm"),
    "create in TMPDIR": create(process.env["TMPDIR"] ?? "/tmp"),
    "create in a directory": create(folder),
    "create in the program": create(program),
    "append to a file": () => openSync(file, "a"),
    "append to the history": () => openSync(history, "a"),
    "truncate a file": () => call("truncate", address(file), 0),
    "rename a file": () => {
      renameSync(file, `${file}-renamed`);
      renameSync(`${file}-renamed`, file);
    },
    "link a file": make((path) => linkSync(file, path)),
    "make a symbolic link": make((path) => symlinkSync("/", path)),
    "make a directory": make((path) => mkdirSync(path)),
    "change a mode": () => chmodSync(file, 0o666),
    "change the mode of an open file": () => call("fchmod", openSync(program, "r"), 0o755),
    "change an owner": () => chownSync(file, process.getuid?.() ?? 0, process.getgid?.() ?? 0),
    "change times": () => utimesSync(file, 0, 0),
    "set an attribute": () =>
      call("setxattr", address(file), address("user.forged"), address("x"), 1, 0),
    "watch files": () => call("inotify_init1", 0),
    "lease a file": () => call("fcntl", openSync("/proc/self/exe", "r"), F_SETLEASE, 0),
  };
}

function onSockets({ datagrams, pagePort }: Targets): Attempts {
  const makeSockets = Object.entries(SOCKETS).map(
    ([name, operands]) => [`make a socket: ${name}`, () => call("socket", ...operands)] as const,
  );
  const pair = Buffer.alloc(8);
  return {
    ...Object.fromEntries(makeSockets),
    "connect to the page": () =>
      call("connect", call("socket", AF_INET, STREAM, 0), internetAddress(pagePort), 16),
    "disconnect the client": () => call("connect", CLIENT_FD, address(Buffer.alloc(16)), 16),
    "bind the client's socket": () => call("bind", CLIENT_FD, internetAddress(0), 16),
    "listen on the client's socket": () => call("listen", CLIENT_FD, 1),
    "make a pair of datagram sockets": () => call("socketpair", AF_UNIX, DATAGRAM, 0, ptr(pair)),
    "send a datagram to a path": () => {
      call("socketpair", AF_UNIX, DATAGRAM, 0, ptr(pair));
      call("sendmsg", pair.readInt32LE(0), datagramTo(datagrams), 0);
    },
  };
}

function onProcess(name: string, pid: number): Attempts {
  const attempts: Attempts = {
    ptrace: () => call("ptrace", PTRACE_SEIZE, pid, 0, 0),
    pidfd_getfd: () => call("pidfd_getfd", call("pidfd_open", pid, 0), CLIENT_FD, 0),
    process_vm_readv: () => call("process_vm_readv", pid, 0, 0, 0, 0),
    process_vm_writev: () => call("process_vm_writev", pid, 0, 0, 0, 0),
    "write mem": () => openSync(`/proc/${pid}/mem`, "r+"),
    "read mem": () => openSync(`/proc/${pid}/mem`, "r"),
    environ: () => readFileSync(`/proc/${pid}/environ`),
    fd: () => readdirSync(`/proc/${pid}/fd`),
    cmdline: () => readFileSync(`/proc/${pid}/cmdline`),
    kill: () => process.kill(pid, 0),
    prlimit: () => call("prlimit64", pid, 7, 0, 0),
    setpriority: () => call("setpriority", 0, pid, 19),
  };
  return Object.fromEntries(
    Object.entries(attempts).map(([what, attempt]) => [`${name}: ${what}`, attempt]),
  );
}

/** `thread` is also a process as far as signals are concerned. */
function onProcesses({ master, thread, sibling }: Targets): Attempts {
  const pair = Buffer.alloc(8);
  return {
    ...onProcess("master", master),
    ...onProcess("sibling", sibling),
    "thread: kill": () => process.kill(thread, 0),
    "thread: tgkill": () => call("tgkill", master, thread, 0),
    "thread: F_SETOWN": () => {
      call("socketpair", AF_UNIX, STREAM, 0, ptr(pair));
      call("fcntl", pair.readInt32LE(0), F_SETOWN, thread);
    },
  };
}

function onKernel({ folder }: Targets): Attempts {
  const execute = (path: string) => () => Bun.spawnSync([path]);
  return {
    shmget: () => call("shmctl", call("shmget", 0, 4096, IPC_CREATE), IPC_RMID, 0),
    shmat: () => call("shmat", -1, 0, SHM_RDONLY),
    semget: () => call("semctl", call("semget", 0, 1, IPC_CREATE), 0, IPC_RMID, 0),
    msgget: () => call("msgctl", call("msgget", 0, IPC_CREATE), IPC_RMID, 0),
    mq_open: () => {
      // Another test's user may have one at the same time.
      const name = `forged-${process.pid}`;
      call("mq_open", address(name), O_CREAT_RDWR, 0o600, 0);
      call("mq_unlink", address(name));
    },
    memfd_create: () => call("memfd_create", address("forged"), 0),
    "execute /bin/true": execute("/bin/true"),
    "execute /bin/sh": execute("/bin/sh"),
    "execute a file": execute(`${folder}/executable`),
    unshare: () => call("unshare", CLONE_FS),
    "clone a user namespace": () => call("clone", CLONE_NEWUSER | CLONE_FS, 0, 0, 0, 0), // or EINVAL
    "enter a namespace": () => call("setns", openSync("/proc/self/ns/user", "r"), 0),
    mount: () => call("mount", address("none"), address("/tmp"), address("tmpfs"), 0, 0),
    umount: () => call("umount2", address("/proc"), 2),
    fsopen: () => call("fsopen", address("tmpfs"), 0),
    open_tree: () => call("open_tree", -100, address("/"), 1),
    pivot_root: () => call("pivot_root", address("/"), address("/")),
    io_uring_setup: () => call("io_uring_setup", 1, address(Buffer.alloc(120))),
    bpf: () => call("bpf", 0, 0, 0),
    perf_event_open: () => call("perf_event_open", 0, 0, -1, -1, 0),
    userfaultfd: () => call("userfaultfd", 1),
    keyctl: () => call("keyctl", KEYCTL_GET_KEYRING_ID, SESSION_KEYRING, 0),
    add_key: () => call("add_key", address("user"), address("forged"), address("x"), 1, -1),
    setresuid: () => call("setresuid", 0, 0, 0),
  };
}

/** Returns "possible" for each attempt, or the code of the error. */
export function attackAll(targets: Targets): Record<string, string> {
  const attempts = {
    ...onFiles(targets),
    ...onSockets(targets),
    ...onProcesses(targets),
    ...onKernel(targets),
  };
  return Object.fromEntries(
    Object.entries(attempts).map(([name, attempt]) => [name, outcomeOf(attempt)]),
  );
}

function outcomeOf(attempt: () => unknown): string {
  try {
    attempt();
    return "possible";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
