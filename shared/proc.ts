/**
 * What Linux tells about processes under /proc. The only file here that does I/O.
 *
 * Processes end while they are read: one that has gone is left out, it is not an error.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { errorCode } from "./error-code.ts";

/** One process, as a process tree needs it. */
export interface Process {
  pid: number;
  ppid: number;
  /** The effective user: the owner of /proc/PID. */
  uid: number;
  /** The name as in /proc/PID/stat, one byte a character: any byte, so escape it to show it. */
  comm: string;
}

/** What one process costs at this moment. */
export interface Usage {
  /** R running, S sleeping, D waiting for a disk, T stopped, Z zombie, … */
  state: string;
  /** User and system time so far. */
  cpuMs: number;
  /** System time alone: the kernel's work for it. */
  systemMs: number;
  /** Resident memory that neither a file nor shared memory backs. */
  privateBytes: number;
  residentBytes: number;
  /** When it started, in ticks since boot: with the pid, the identity of a process. */
  startTicks: number;
}

/** Errors that mean "no such process". EPERM is hidepid=1: a process that is listed but hidden. */
const GONE = ["ENOENT", "ESRCH", "EPERM"];

/**
 * Without descriptors or memory no figure can be read, and a security module (SELinux) may allow none: whoever
 * shows figures does without for a while.
 */
const UNREADABLE = [...GONE, "EMFILE", "ENFILE", "ENOMEM", "EACCES"];

/** /proc counts time in USER_HZ, which is 100 wherever Bun runs. */
export const MS_PER_TICK = 10;

/** The page size in the auxiliary vector that Linux gives each program: see getauxval(3). */
const AT_PAGESZ = 6n;

let pageSize: number | undefined;

/**
 * All processes, in the order of their pids.
 *
 * @throws where there is no /proc, as on macOS
 */
export function readProcesses(root = "/proc"): Process[] {
  return listPids(root).flatMap((pid) => readProcess(pid, root) ?? []);
}

/** Milliseconds since the machine's start, as `startTicks` counts; null where it cannot be read. */
export function readUptime(root = "/proc"): number | null {
  const path = `${root}/uptime`;
  return unless(UNREADABLE, () => Number(readFileSync(path, "latin1").split(" ")[0]) * 1000);
}

/** What a process costs at this moment, or null when it is gone or there is nothing to read it with. */
export function readUsage(pid: number, root = "/proc"): Usage | null {
  return unless(UNREADABLE, () => {
    const stat = readStat(pid, root);
    const { privateBytes, residentBytes } = readMemory(pid, root);
    return {
      state: stat[3] ?? "",
      cpuMs: (Number(stat[14]) + Number(stat[15])) * MS_PER_TICK,
      systemMs: Number(stat[15]) * MS_PER_TICK,
      privateBytes,
      residentBytes,
      startTicks: Number(stat[22]),
    };
  });
}

/** When a process started, in ticks since boot: with its pid, its identity. Null when it is gone. */
export function readStartTicks(pid: number, root = "/proc"): number | null {
  return unlessGone(() => Number(readStat(pid, root)[22]));
}

/** The pids of a process's children, of all its threads (proc(5), /proc/PID/task/TID/children); none if it is gone. */
export function readChildren(pid: number, root = "/proc"): readonly number[] {
  const read = () =>
    readdirSync(`${root}/${pid}/task`).flatMap((thread) =>
      readFileSync(`${root}/${pid}/task/${thread}/children`, "latin1").match(/\d+/g),
    );
  return (
    unless(UNREADABLE, read)
      ?.filter((text) => text !== null)
      .map(Number) ?? []
  );
}

/** Resident memory of a process that neither a file nor shared memory backs, or null when it is gone. */
export function readPrivateBytes(pid: number, root = "/proc"): number | null {
  return unless(UNREADABLE, () => readMemory(pid, root).privateBytes);
}

/** What this process has of the system's. */
export interface OwnProcess {
  virtualBytes: number;
  privateBytes: number;
  /** Open now, and how many may be. */
  descriptors: number;
  maxDescriptors: number;
}

/** Of this process itself; null where there is no /proc. */
export function readOwnProcess(): OwnProcess | null {
  return unless(UNREADABLE, () => {
    const { virtualBytes, privateBytes } = readMemory("self", "/proc");
    return {
      virtualBytes,
      privateBytes,
      descriptors: countDescriptors(),
      maxDescriptors: readDescriptorLimit(),
    };
  });
}

/** Descriptors that this process may have (proc_pid_limits(5)); infinity: any number. @throws where there is no /proc. */
export function readDescriptorLimit(): number {
  const limits = readFileSync("/proc/self/limits", "latin1");
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return Number(soft ?? Number.POSITIVE_INFINITY);
}

/** Linux 6.2 and newer tell it as the directory's size; older ones are asked for each, and for the asking itself. */
function countDescriptors(): number {
  const folder = "/proc/self/fd";
  return statSync(folder).size || readdirSync(folder).length - 1;
}

/**
 * The pids of all processes, in their order.
 *
 * @throws where there is no /proc, as on macOS
 */
export function listPids(root = "/proc"): number[] {
  const names = unlessGone(() => readdirSync(root));
  if (!names) throw new Error(`${root} is not there: the process tree needs Linux`);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.sort((a, b) => a - b);
}

/** One process, or null when it is gone. */
export function readProcess(pid: number, root = "/proc"): Process | null {
  return unlessGone(() => {
    const [, , comm = "", , ppid] = readStat(pid, root);
    // Of the directory: what is in it belongs to root while the process may not be dumped.
    const { uid } = statSync(`${root}/${pid}`);
    return { pid, ppid: Number(ppid), uid, comm };
  });
}

/** The fields of /proc/PID/stat, from 1 as proc(5) numbers them. The name may hold any byte, `)` too. */
function readStat(pid: number, root: string): string[] {
  const text = readFileSync(`${root}/${pid}/stat`, "latin1");
  const end = text.lastIndexOf(")");
  const comm = text.slice(text.indexOf("(") + 1, end);
  return ["", String(pid), comm, ...text.slice(end + 2).split(" ")];
}

function readMemory(pid: number | "self", root: string) {
  const pages = readFileSync(`${root}/${pid}/statm`, "latin1").split(" ").map(Number);
  const [virtual = 0, resident = 0, shared = 0] = pages;
  pageSize ??= readPageSize();
  return {
    virtualBytes: virtual * pageSize,
    privateBytes: (resident - shared) * pageSize,
    residentBytes: resident * pageSize,
  };
}

/** 4 KiB on x64; 4, 16 or 64 KiB on arm64. */
function readPageSize(): number {
  const vector = readFileSync("/proc/self/auxv");
  let at = 0;
  while (vector.readBigUInt64LE(at) !== AT_PAGESZ) at += 16;
  return Number(vector.readBigUInt64LE(at + 8));
}

function unlessGone<T>(read: () => T): T | null {
  return unless(GONE, read);
}

function unless<T>(codes: readonly string[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (codes.includes(errorCode(error) ?? "")) return null;
    throw error;
  }
}
