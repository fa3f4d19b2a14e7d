/**
 * All that Linux tells of one process under /proc, for somebody who looks at that one. Each part by itself: some are
 * for the process's own user alone, and any may be gone by the time it is read. That is said in its place, and is no
 * error. What a process has named itself is hostile: it comes escaped.
 */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { errorCode } from "./error-code.ts";
import { accountName } from "./accounts.ts";
import { type Cgroup, readCgroup } from "./cgroup.ts";
import { escapeBytes } from "./escape.ts";
import { MS_PER_TICK, type Process, readChildren, readProcess, readStartTicks } from "./proc.ts";

/** Why a part could not be read: denied to this user, gone or never there, or the error's code. */
export interface Unreadable {
  unreadable: string;
}

export type Readable<Value> = Value | Unreadable;

/** Some of many: `count` is how many there are, `listed` the first of them. */
export interface Listing<Value> {
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
  status: Readable<Status>;
  threads: Readable<Listing<Thread>>;
  files: Readable<Listing<OpenFile>>;
  limits: Readable<readonly Limit[]>;
  cgroup: Readable<Cgroup>;
  /** The higher, the sooner the kernel ends it when memory runs out: 0 to 1000 (proc_pid_oom_score(5)). */
  oomScore: Readable<number>;
  /** It and the processes below it, parents first. */
  processes: Listing<Process>;
}

export interface Command {
  arguments: readonly string[];
  /** There is more of it than is shown. */
  isCut: boolean;
}

/** What proc_pid_status(5) says. Sizes in bytes. */
export interface Status {
  name: string;
  /** The kernel's letter and word: `S (sleeping)`. */
  state: string;
  /** Effective. Names where the machine has one. */
  uid: number;
  user: string | null;
  gid: number;
  group: string | null;
  threads: number;
  /** Null where it has none any more: a zombie. */
  residentBytes: number | null;
  peakResidentBytes: number | null;
  swappedBytes: number | null;
  /** Times it waited of itself, and times another was let go first. */
  voluntarySwitches: number;
  involuntarySwitches: number;
}

export interface Thread {
  tid: number;
  name: string;
}

export interface OpenFile {
  fd: number;
  /** A path, or as the kernel names what has none: `pipe:[4711]`, `socket:[4712]`. */
  target: Readable<string>;
}

export interface Limit {
  /** As in proc_pid_limits(5), without the `Max`: `open files`. */
  name: string;
  /** Null: none. */
  soft: number | null;
  hard: number | null;
  /** `bytes`, `seconds`, `us`, `files`, …; empty for a bare number. */
  unit: string;
}

/** Bytes of a command that are read, and how many of the other things are listed: a stranger chose how many there are. */
const MOST_COMMAND = 4096;
const MOST_THREADS = 32;
const MOST_FILES = 64;
const MOST_PROCESSES = 100;

/** Of more descriptors or threads than that none is listed: to read so long a folder would hold up whoever reads. */
const MOST_IN_FOLDER = 8192;

/** In place of an error's code, where there are more. */
export const TOO_MANY_MESSAGE = "too many";

/** Reads all of it, in about a millisecond; null when the process is gone, or another one has its pid meanwhile. */
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
    processes: readBelow(pid, root),
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

/** Milliseconds since the machine's start. `btime` of proc_stat(5) is in whole seconds, and moves. */
function uptime(root: string): number {
  return 1000 * parseFloat(readFileSync(`${root}/uptime`, "latin1"));
}

function readCommand(path: string): Command {
  const text = readStart(path, MOST_COMMAND + 1);
  const isCut = text.length > MOST_COMMAND;
  const words = text.slice(0, MOST_COMMAND).replace(/\0$/, "").split("\0");
  // A zombie has none; nor has a program that has wiped it.
  return { arguments: text === "" ? [] : words.map(escapeBytes), isCut };
}

/** The first bytes of a file that may be as long as a stranger likes, one character a byte. */
function readStart(path: string, most: number): string {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(most);
    return bytes.toString("latin1", 0, readSync(fd, bytes, 0, most, 0));
  } finally {
    closeSync(fd);
  }
}

function readLink(path: string): string {
  return escapeBytes(readlinkSync(path, "latin1"));
}

function readStatus(path: string): Status {
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
    // The kernel has escaped it already, but not all that we escape.
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

/** `field` of status says how long a folder is at the most, as proc_pid_status(5) has it: FDSize grows by doubling. */
function unlessTooMany<Value>(own: string, field: string, read: () => Value): Readable<Value> {
  const status = readFileSync(`${own}/status`, "latin1");
  const [, count = "0"] = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status) ?? [];
  return Number(count) > MOST_IN_FOLDER ? { unreadable: TOO_MANY_MESSAGE } : read();
}

function readThreads(path: string): Listing<Thread> {
  const tids = readdirSync(path).map(Number);
  const listed = tids.slice(0, MOST_THREADS).flatMap((tid) => {
    const name = part(() => readFileSync(`${path}/${tid}/comm`, "latin1"));
    return isUnreadable(name) ? [] : { tid, name: escapeBytes(name.replace(/\n$/, "")) };
  });
  return { count: tids.length, listed };
}

function readFiles(path: string): Listing<OpenFile> {
  const fds = readdirSync(path)
    .map(Number)
    .sort((a, b) => a - b);
  const listed = fds.slice(0, MOST_FILES).flatMap((fd) => {
    const target = part(() => readLink(`${path}/${fd}`));
    const isClosed = isUnreadable(target) && target.unreadable === "ENOENT";
    return isClosed ? [] : { fd, target };
  });
  return { count: fds.length, listed };
}

/** Columns of a fixed width, of which the units are empty for some. */
function parseLimits(text: string): Limit[] {
  const amount = (word = "") => (word === "unlimited" ? null : Number(word));
  return text.split("\n").flatMap((line) => {
    const [, name, soft, hard, unit = ""] = /^Max (.+?) {2,}(\S+) +(\S+) *(\S*)/.exec(line) ?? [];
    return name === undefined ? [] : { name, soft: amount(soft), hard: amount(hard), unit };
  });
}

/** `count` is one more than are listed if there are more: how many nobody looks. */
function readBelow(pid: number, root: string): Listing<Process> {
  const pids = [pid];
  // It grows while it is gone through, by what is below each.
  for (const one of pids) {
    const left = MOST_PROCESSES + 1 - pids.length;
    if (left > 0) pids.push(...readChildren(one, root).slice(0, left));
  }
  const listed = pids.slice(0, MOST_PROCESSES).flatMap((one) => readProcess(one, root) ?? []);
  return { count: pids.length, listed };
}
