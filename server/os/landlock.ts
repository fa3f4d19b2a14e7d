/**
 * Landlock (landlock(7)): an allow-list of files and TCP ports for the calling thread and
 * everything it starts. No privileges are needed, but no_new_privs is, unless the thread has
 * CAP_SYS_ADMIN. A thread can only ever add to its restrictions, up to 16 times.
 *
 * Whatever the plan, a process in the new domain cannot trace one outside it. Of that one's
 * /proc/PID it cannot use environ, mem, maps, cwd, root, exe and the like. It can still list fd,
 * read cmdline, stat and status and, as the same user, write to oom_score_adj and others. **The
 * calling thread is in the domain, too**: through its thread ID, a process that it starts can read
 * the memory of the whole process, or kill it. So a master that shares its user with children must
 * also be non-dumpable (dumpable.ts) and deny them system calls (deniedToSameUser in
 * denied-calls.ts). Children can trace each other.
 *
 * Not covered: UDP, listen(2) on a socket that was never bound, Unix sockets with a path, files
 * that are already open. Restricting files also denies mount(2) and pivot_root(2), and so bwrap and
 * containers.
 *
 * What this kernel doesn't support is left out and reported, as in rust-landlock's "best effort".
 */
import { ptr } from "bun:ffi";
import { closeSync, fstatSync, openSync } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";
import { O_CLOEXEC } from "./constants.ts";
import { SystemCallError, type SystemCalls, openSystemCalls } from "./system-calls.ts";

/** TCP ports, as an allow-list or as its opposite. */
export type Ports = "all" | "none" | { only: readonly number[] } | { except: readonly number[] };

/** The version of Landlock's interface (ABI) on this machine, or 0 and why it cannot be used. */
export type LandlockSupport = { abi: number } | { abi: 0; reason: string };

/**
 * What the thread may still do. Everything else of each kind is denied; null or false leaves a kind
 * unrestricted.
 */
export interface LandlockPlan {
  files: FileGrants | null;
  tcp: { connect: Ports; bind: Ports } | null;
  scope: {
    /** Signals reach only processes in the domain, which include the calling thread. */
    signals: boolean;
    /** Only abstract Unix sockets that a process in the domain has bound can be connected to. */
    abstractSockets: boolean;
  };
}

/**
 * What is granted on paths and everything below them. Symbolic links are followed when the thread
 * is confined. A path that doesn't exist, or cannot be reached, is skipped: it stays denied if it
 * appears later. Making device nodes is never granted.
 */
export interface FileGrants {
  /** Directories may be listed. */
  list: readonly string[];
  /** Files may be read. */
  read: readonly string[];
  /** Files may be executed. Reading them is another matter, for scripts. */
  execute: readonly string[];
  /** Existing files may be written and truncated, and devices controlled with ioctl(2). */
  write: readonly string[];
  /**
   * Files and directories may be created, removed and renamed. Writing to them is another matter.
   */
  change: readonly string[];
}

/**
 * A part of a plan that this kernel doesn't support. All but "move" leave something open that the
 * plan would have denied.
 */
export type LandlockGap =
  /** Files cannot be moved or linked from one directory to another, though the plan grants it. */
  | "move"
  /** Files that may not be written can be truncated. */
  | "truncate"
  /** Devices that may not be written can be controlled. */
  | "device-control"
  | "tcp"
  | "signals"
  | "abstract-sockets";

export type LandlockOutcome =
  { ok: true; abi: number; missing: LandlockGap[] } | { ok: false; reason: string };

// The constants of linux/landlock.h, the same on every architecture.
const CREATE_RULESET_VERSION = 1;
const RULE_PATH_BENEATH = 1;
const RULE_NET_PORT = 2;
const EXECUTE = 1n << 0n;
const WRITE_FILE = 1n << 1n;
const READ_FILE = 1n << 2n;
const READ_DIR = 1n << 3n;
/** REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_SYM. */
const CHANGE_DIR = (0b11n << 4n) | (0b1111n << 7n) | (1n << 12n);
/** MAKE_CHAR and MAKE_BLOCK. */
const MAKE_DEVICE = (1n << 6n) | (1n << 11n);
const REFER = 1n << 13n;
const TRUNCATE = 1n << 14n;
const IOCTL_DEV = 1n << 15n;
/** What can be granted on something that isn't a directory. */
const FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;
const ALL_RIGHTS =
  EXECUTE |
  WRITE_FILE |
  READ_FILE |
  READ_DIR |
  CHANGE_DIR |
  MAKE_DEVICE |
  REFER |
  TRUNCATE |
  IOCTL_DEV;
const PORTS = 65_536;
const BIND_TCP = 1n << 0n;
const CONNECT_TCP = 1n << 1n;
const SCOPE_ABSTRACT_UNIX_SOCKET = 1n << 0n;
const SCOPE_SIGNAL = 1n << 1n;

/** The first version that knows each of them. */
const SINCE: Record<LandlockGap, number> = {
  move: 2,
  truncate: 3,
  tcp: 4,
  "device-control": 5,
  signals: 6,
  "abstract-sockets": 6,
};

/** open(2): only names the file, and needs no permission on it. Not among node's constants. */
const O_PATH = 0o10000000;

/** Asks the kernel what it supports, without changing anything. */
export function probeLandlock(): LandlockSupport {
  if (process.platform !== "linux") return { abi: 0, reason: `this is ${process.platform}` };
  return probe(openSystemCalls());
}

/** Confines the calling thread, for good. If the outcome isn't ok, nothing has changed. */
export function restrictWithLandlock(plan: LandlockPlan): LandlockOutcome {
  const support = probeLandlock();
  if ("reason" in support) return { ok: false, reason: support.reason };
  const { abi } = support;
  const handled = handledAccess(plan, abi);
  const missing = gaps(plan, abi);
  // The kernel refuses an empty ruleset.
  if (handled.every((access) => access === 0n)) return { ok: true, abi, missing };

  const calls = openSystemCalls();
  const ruleset = calls.call("landlock_create_ruleset", ptr(handled), handled.byteLength, 0);
  if (ruleset instanceof SystemCallError) return failure("create_ruleset", ruleset);
  try {
    const error =
      (plan.files && addFiles(calls, ruleset, plan.files, handled[0] ?? 0n)) ??
      (plan.tcp && abi >= SINCE.tcp ? addPorts(calls, ruleset, plan.tcp) : null);
    if (error) return { ok: false, reason: error };
    const restricted = calls.call("landlock_restrict_self", ruleset, 0);
    if (restricted instanceof SystemCallError) return failure("restrict_self", restricted);
    return { ok: true, abi, missing };
  } finally {
    closeSync(ruleset);
  }
}

function probe({ call }: SystemCalls): LandlockSupport {
  const abi = call("landlock_create_ruleset", 0, 0, CREATE_RULESET_VERSION);
  if (!(abi instanceof SystemCallError)) return { abi };
  if (abi.code === "ENOSYS") return { abi: 0, reason: "this kernel has no Landlock" };
  if (abi.code === "EOPNOTSUPP") return { abi: 0, reason: "Landlock is off in this kernel (lsm=)" };
  return { abi: 0, reason: `Landlock cannot be used: ${abi.code}` };
}

/**
 * `struct landlock_ruleset_attr`: files, TCP, scope. Old kernels accept the
 * later members if they are 0.
 */
function handledAccess({ files, tcp, scope }: LandlockPlan, abi: number): BigUint64Array {
  const handled = new BigUint64Array(3);
  if (files) handled[0] = knownRights(abi);
  if (tcp && abi >= SINCE.tcp) {
    handled[1] = (tcp.bind === "all" ? 0n : BIND_TCP) | (tcp.connect === "all" ? 0n : CONNECT_TCP);
  }
  if (abi >= SINCE.signals) {
    handled[2] =
      (scope.signals ? SCOPE_SIGNAL : 0n) |
      (scope.abstractSockets ? SCOPE_ABSTRACT_UNIX_SOCKET : 0n);
  }
  return handled;
}

function knownRights(abi: number): bigint {
  return (
    ALL_RIGHTS &
    ~(abi < SINCE.move ? REFER : 0n) &
    ~(abi < SINCE.truncate ? TRUNCATE : 0n) &
    ~(abi < SINCE["device-control"] ? IOCTL_DEV : 0n)
  );
}

/** Returns the parts of a plan that a kernel with this version of Landlock doesn't support. */
export function gaps({ files, tcp, scope }: LandlockPlan, abi: number): LandlockGap[] {
  const asked: LandlockGap[] = [];
  if (files && files.change.length > 0) asked.push("move");
  if (files) asked.push("truncate", "device-control");
  if (tcp && (tcp.bind !== "all" || tcp.connect !== "all")) asked.push("tcp");
  if (scope.signals) asked.push("signals");
  if (scope.abstractSockets) asked.push("abstract-sockets");
  return asked.filter((gap) => abi < SINCE[gap]);
}

/** Returns an error, or null. */
function addFiles(
  calls: SystemCalls,
  ruleset: number,
  grants: FileGrants,
  handled: bigint,
): string | null {
  const rights = new Map<string, bigint>();
  const grant = (paths: readonly string[], right: bigint) => {
    for (const path of paths) rights.set(path, (rights.get(path) ?? 0n) | right);
  };
  grant(grants.list, READ_DIR);
  grant(grants.read, READ_FILE);
  grant(grants.execute, EXECUTE);
  grant(grants.write, WRITE_FILE | TRUNCATE | IOCTL_DEV);
  grant(grants.change, CHANGE_DIR | REFER);
  for (const [path, right] of rights) {
    const error = addPath(calls, ruleset, path, right & handled);
    if (error) return `${path}: ${error}`;
  }
  return null;
}

function addPath(calls: SystemCalls, ruleset: number, path: string, access: bigint): string | null {
  const fd = openPath(path);
  if (fd === null) return null;
  try {
    // struct landlock_path_beneath_attr, packed: u64 access, s32 fd.
    const rule = new DataView(new ArrayBuffer(12));
    const granted = fstatSync(fd).isDirectory() ? access : access & FILE_RIGHTS;
    if (granted === 0n) return null;
    rule.setBigUint64(0, granted, true);
    rule.setInt32(8, fd, true);
    const added = calls.call("landlock_add_rule", ruleset, RULE_PATH_BENEATH, ptr(rule), 0);
    return added instanceof SystemCallError ? added.code : null;
  } finally {
    closeSync(fd);
  }
}

/**
 * Returns a descriptor that the caller owns; null if there is nothing there, or we cannot reach it.
 */
function openPath(path: string): number | null {
  try {
    return openSync(path, O_PATH | O_CLOEXEC);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "EACCES" || code === "ENOTDIR") return null;
    throw error;
  }
}

/** Adds a rule for each allowed port: up to 65,536, once. Returns an error, or null. */
function addPorts(
  calls: SystemCalls,
  ruleset: number,
  { bind, connect }: { bind: Ports; connect: Ports },
): string | null {
  // struct landlock_net_port_attr: u64 access, u64 port. 0 stands for "any free port" when binding.
  const rule = new Uint32Array(4);
  const address = ptr(rule);
  const binding = portAccess(bind, Number(BIND_TCP));
  const connecting = portAccess(connect, Number(CONNECT_TCP));
  for (let port = 0; port < PORTS; port += 1) {
    const access = (binding[port] ?? 0) | (connecting[port] ?? 0);
    if (access === 0) continue;
    rule[0] = access;
    rule[2] = port;
    const added = calls.call("landlock_add_rule", ruleset, RULE_NET_PORT, address, 0);
    if (added instanceof SystemCallError) return `port ${port}: ${added.code}`;
  }
  return null;
}

/**
 * Returns the right to grant on each port. It is 0 for all ports if the right isn't restricted,
 * since no rule may name it then.
 */
function portAccess(ports: Ports, right: number): Uint8Array {
  const access = new Uint8Array(PORTS);
  if (ports === "all" || ports === "none") return access;
  const [listed, fill] = "only" in ports ? [ports.only, 0] : [ports.except, right];
  access.fill(fill);
  for (const port of listed) access[port] = right - fill;
  return access;
}

function failure(call: string, { code }: SystemCallError): { ok: false; reason: string } {
  return { ok: false, reason: `landlock_${call}: ${code}` };
}
