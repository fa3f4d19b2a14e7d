/**
 * Everything that /proc has about one process, for the page that shows it. Each part is read on its
 * own, because some are readable only by the process's own user and any may be gone by then; such a
 * part says why it is missing. Text that a process chose itself is hostile and comes escaped.
 */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { errorCode } from "./error-code.ts";
import { accountName } from "./accounts.ts";
import { type Cgroup, readCgroup } from "./cgroup.ts";
import { escapeBytes } from "./escape.ts";
import { readDescendants } from "./descendants.ts";
import { MS_PER_TICK, type Process, readProcess, readStartTicks } from "./proc.ts";

/** A part that could not be read. */
export interface Unreadable {
  /** The error's code, or `TOO_MANY_MESSAGE`. */
  unreadable: string;
}

export type Readable<Value> = Value | Unreadable;

/** A list that may be cut short. */
export interface Listing<Value> {
  /** How many there are. */
  count: number;
  listed: readonly Value[];
}

export interface ProcessDetails {
  pid: number;
  /** When it started, in ms since the epoch. */
  startedAt: Readable<number>;
  command: Readable<Command>;
  executable: Readable<string>;
  directory: Readable<string>;
  status: Readable<ProcessStatus>;
  threads: Readable<Listing<Thread>>;
  files: Readable<Listing<OpenFile>>;
  limits: Readable<readonly ResourceLimit[]>;
  cgroup: Readable<Cgroup>;
  /**
   * 0 to 1000: the higher, the sooner the kernel kills it when memory runs
   * out (proc_pid_oom_score(5)).
   */
  oomScore: Readable<number>;
  /** The process and its descendants, parents first. */
  processes: Listing<Process>;
}

export interface Command {
  arguments: readonly string[];
  /** The command is longer than this. */
  isCut: boolean;
}

/** From proc_pid_status(5). */
export interface ProcessStatus {
  name: string;
  /** The kernel's letter and word: `S (sleeping)`. */
  state: string;
  /** The effective user and group, with their names if they have one. */
  uid: number;
  user: string | null;
  gid: number;
  group: string | null;
  threads: number;
  /** Null for a zombie, which has no memory. */
  residentBytes: number | null;
  peakResidentBytes: number | null;
  swappedBytes: number | null;
  /** Context switches by waiting, and by preemption. */
  voluntarySwitches: number;
  involuntarySwitches: number;
}

export interface Thread {
  tid: number;
  name: string;
}

export interface OpenFile {
  fd: number;
  /** A path, or the kernel's name if it has none: `pipe:[4711]`, `socket:[4712]`. */
  target: Readable<string>;
}

export interface ResourceLimit {
  /** As in proc_pid_limits(5) without `Max`: `open files`. */
  name: string;
  /** Null: unlimited. */
  soft: number | null;
  hard: number | null;
  /** `bytes`, `seconds`, `us`, `files`, …; empty for a plain number. */
  unit: string;
}

/** How much is read or listed: the process decides how much there is. */
const MAX_COMMAND_BYTES = 4096;
const MAX_THREADS = 32;
const MAX_FILES = 64;
const MAX_PROCESSES = 100;

/**
 * A directory with more descriptors or threads is not read at all: that would
 * block the master for too long.
 */
const MAX_DIRECTORY_ENTRIES = 8192;

/** Stands in for an error's code where there are more. */
export const TOO_MANY_MESSAGE = "too many";

/**
 * Reads all of it in about a millisecond. Returns null if the process is gone or its
 * PID was reused meanwhile.
 */
export function readDetails(pid: number, root = "/proc"): ProcessDetails | null {
  const own = `${root}/${pid}`;
  const startTicks = readStartTicks(pid, root);
  if (startTicks === null) return null;
  const details = {
    pid,
    startedAt: part(() => Date.now() - uptime(root) + startTicks * MS_PER_TICK),
    command: part(() => readCommand(`${own}/cmdline`)),
    executable: part(() => readLink(`${own}/exe`)),
    directory: part(() => readLink(`${own}/cwd`)),
    status: part(() => readStatus(`${own}/status`)),
    threads: part(() => unlessTooMany(own, "Threads", () => readThreads(`${own}/task`))),
    files: part(() => unlessTooMany(own, "FDSize", () => readFiles(`${own}/fd`))),
    limits: part(() => parseLimits(readFileSync(`${own}/limits`, "latin1"))),
    cgroup: part(() => readCgroup(pid, root)),
    oomScore: part(() => Number(readFileSync(`${own}/oom_score`, "latin1"))),
    processes: listFamily(pid, root),
  };
  return readStartTicks(pid, root) === startTicks ? details : null;
}

export function isUnreadable(value: unknown): value is Unreadable {
  return typeof value === "object" && value !== null && "unreadable" in value;
}

function part<Value>(read: () => Value): Readable<Value> {
  try {
    return read();
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return { unreadable: code };
  }
}

/** Returns milliseconds since boot. (`btime` of proc_stat(5) is in whole seconds, and changes.) */
function uptime(root: string): number {
  return 1000 * parseFloat(readFileSync(`${root}/uptime`, "latin1"));
}

function readCommand(path: string): Command {
  const text = readStart(path, MAX_COMMAND_BYTES + 1);
  const isCut = text.length > MAX_COMMAND_BYTES;
  const words = text.slice(0, MAX_COMMAND_BYTES).replace(/\0$/, "").split("\0");
  // Empty for a zombie, or if the program has cleared it.
  return { arguments: text === "" ? [] : words.map(escapeBytes), isCut };
}

/** Reads the first bytes of a file of any length, one character per byte. */
function readStart(path: string, maxBytes: number): string {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(maxBytes);
    return bytes.toString("latin1", 0, readSync(fd, bytes, 0, maxBytes, 0));
  } finally {
    closeSync(fd);
  }
}

function readLink(path: string): string {
  return escapeBytes(readlinkSync(path, "latin1"));
}

function readStatus(path: string): ProcessStatus {
  const lines = readFileSync(path, "latin1").split("\n");
  const fields = new Map(
    lines.map((line) => [line.split(":", 1)[0], line.replace(/^.*?:\s*/, "")]),
  );
  const text = (name: string) => fields.get(name) ?? "";
  const effective = (name: string) => Number(text(name).split("\t")[1]);
  const bytes = (name: string) => (fields.has(name) ? parseInt(text(name)) * 1024 : null);
  const uid = effective("Uid");
  const gid = effective("Gid");
  return {
    // The kernel escapes it too, but less than we do.
    name: escapeBytes(text("Name").replaceAll("\\n", "\n").replaceAll("\\\\", "\\")),
    state: text("State"),
    uid,
    user: accountName("passwd", uid),
    gid,
    group: accountName("group", gid),
    threads: Number(text("Threads")),
    residentBytes: bytes("VmRSS"),
    peakResidentBytes: bytes("VmHWM"),
    swappedBytes: bytes("VmSwap"),
    voluntarySwitches: Number(text("voluntary_ctxt_switches")),
    involuntarySwitches: Number(text("nonvoluntary_ctxt_switches")),
  };
}

/**
 * Calls `read` unless `field` of proc_pid_status(5) says that the directory is too long.
 * FDSize is an upper bound.
 */
function unlessTooMany<Value>(own: string, field: string, read: () => Value): Readable<Value> {
  const status = readFileSync(`${own}/status`, "latin1");
  const [, count = "0"] = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status) ?? [];
  return Number(count) > MAX_DIRECTORY_ENTRIES ? { unreadable: TOO_MANY_MESSAGE } : read();
}

function readThreads(path: string): Listing<Thread> {
  const tids = readdirSync(path).map(Number);
  const listed = tids.slice(0, MAX_THREADS).flatMap((tid) => {
    const name = part(() => readFileSync(`${path}/${tid}/comm`, "latin1"));
    return isUnreadable(name) ? [] : { tid, name: escapeBytes(name.replace(/\n$/, "")) };
  });
  return { count: tids.length, listed };
}

function readFiles(path: string): Listing<OpenFile> {
  const fds = readdirSync(path)
    .map(Number)
    .sort((a, b) => a - b);
  const listed = fds.slice(0, MAX_FILES).flatMap((fd) => {
    const target = part(() => readLink(`${path}/${fd}`));
    const isClosed = isUnreadable(target) && target.unreadable === "ENOENT";
    return isClosed ? [] : { fd, target };
  });
  return { count: fds.length, listed };
}

/** Parses proc_pid_limits(5): columns of fixed width; some have no unit. */
function parseLimits(text: string): ResourceLimit[] {
  const amount = (word = "") => (word === "unlimited" ? null : Number(word));
  return text.split("\n").flatMap((line) => {
    const [, name, soft, hard, unit = ""] = /^Max (.+?) {2,}(\S+) +(\S+) *(\S*)/.exec(line) ?? [];
    return name === undefined ? [] : { name, soft: amount(soft), hard: amount(hard), unit };
  });
}

/** `count` is at most one more than are listed: the rest are not counted. */
function listFamily(pid: number, root: string): Listing<Process> {
  const pids = [pid, ...readDescendants(pid, MAX_PROCESSES, root)];
  const listed = pids.slice(0, MAX_PROCESSES).flatMap((found) => readProcess(found, root) ?? []);
  return { count: pids.length, listed };
}
