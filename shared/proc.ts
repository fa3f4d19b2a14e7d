/**
 * Reads processes from /proc. A process that ends while it is being read is left out; that is not
 * an error. `root` is another directory in place of /proc, for tests.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { errorCode } from "./error-code.ts";

/** One process of a process tree. */
export interface Process {
  pid: number;
  ppid: number;
  /** The effective user ID: the owner of /proc/PID. */
  uid: number;
  /**
   * The name in /proc/PID/stat, one character per byte. It may hold any byte:
   * escape it before showing it.
   */
  comm: string;
}

/** What one process uses at this moment. */
export interface Usage {
  /** R running, S sleeping, D waiting for I/O, T stopped, Z zombie, … */
  state: string;
  /** User and system CPU time so far. */
  cpuMs: number;
  /** Resident memory that is backed by neither a file nor shared memory. */
  privateBytes: number;
  residentBytes: number;
  /** When it started, in ticks since boot. Together with the PID this identifies a process. */
  startTicks: number;
}

/** Error codes that mean "no such process". EPERM: hidepid=1 lists processes but hides them. */
const GONE = ["ENOENT", "ESRCH", "EPERM"];

/**
 * Error codes that mean "cannot be read now": gone, out of descriptors or memory, or denied by a
 * security module (SELinux). Callers that only display figures do without.
 */
const UNREADABLE = [...GONE, "EMFILE", "ENFILE", "ENOMEM", "EACCES"];

/** /proc counts time in USER_HZ, which is 100 wherever Bun runs. */
export const MS_PER_TICK = 10;

/** The type of the page size in the auxiliary vector: getauxval(3). */
const AT_PAGESZ = 6n;

let pageSize: number | undefined;

/**
 * Returns all processes, ordered by PID.
 *
 * @throws if there is no /proc, as on macOS
 */
export function readProcesses(root = "/proc"): Process[] {
  return listPids(root).flatMap((pid) => readProcess(pid, root) ?? []);
}

/** Returns milliseconds since boot, the clock of `startTicks`; null if it cannot be read. */
export function readUptime(root = "/proc"): number | null {
  const path = `${root}/uptime`;
  return unless(UNREADABLE, () => Number(readFileSync(path, "latin1").split(" ")[0]) * 1000);
}

/** Returns what a process uses; null if it is gone or cannot be read now. */
export function readUsage(pid: number, root = "/proc"): Usage | null {
  return unless(UNREADABLE, () => {
    const stat = readStat(pid, root);
    const { privateBytes, residentBytes } = readMemory(pid, root);
    return {
      state: stat[3] ?? "",
      cpuMs: (Number(stat[14]) + Number(stat[15])) * MS_PER_TICK,
      privateBytes,
      residentBytes,
      startTicks: Number(stat[22]),
    };
  });
}

/**
 * Returns when a process started, in ticks since boot (its identity, together with its
 * PID); null if it is gone.
 */
export function readStartTicks(pid: number, root = "/proc"): number | null {
  return unlessGone(() => Number(readStat(pid, root)[22]));
}

/**
 * Returns the PIDs of the children of all threads of a process
 * (proc_tid_children(5)); none if it is gone.
 */
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

/**
 * Returns the PIDs of the children that one thread of this process has started; none if they cannot
 * be read now; null if the thread has ended.
 */
export function readThreadChildren(thread: number): readonly number[] | null {
  const directory = `/proc/self/task/${thread}`;
  const read = () => readFileSync(`${directory}/children`, "latin1").match(/\d+/g) ?? [];
  return unless(UNREADABLE, read)?.map(Number) ?? (existsSync(directory) ? [] : null);
}

/** Returns `Usage.residentBytes` of a process; null if it is gone or cannot be read now. */
export function readResidentBytes(pid: number, root = "/proc"): number | null {
  return unless(UNREADABLE, () => readMemory(pid, root).residentBytes);
}

/**
 * Returns `Usage.privateBytes` of a process plus the shared memory that it has mapped
 * (RssShmem in proc_pid_status(5)); null if it is gone or cannot be read now. Takes several
 * times as long as `readResidentBytes`.
 */
export function readAllocatedBytes(pid: number, root = "/proc"): number | null {
  return unless(UNREADABLE, () => {
    const status = readFileSync(`${root}/${pid}/status`, "latin1");
    const sizes = status.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm);
    return [...sizes].reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0);
  });
}

/** The resources of this process. */
export interface OwnProcess {
  virtualBytes: number;
  residentBytes: number;
  privateBytes: number;
  /** Open descriptors, and how many there may be. */
  descriptors: number;
  maxDescriptors: number;
}

/**
 * Returns the resources of this process; null if there is no /proc, or no
 * descriptor left to read it.
 */
export function readOwnProcess(): OwnProcess | null {
  return unless(UNREADABLE, () => {
    const { virtualBytes, residentBytes, privateBytes } = readMemory("self", "/proc");
    return {
      virtualBytes,
      residentBytes,
      privateBytes,
      descriptors: countDescriptors(),
      maxDescriptors: readDescriptorLimit(),
    };
  });
}

/**
 * Returns how many descriptors this process may have (proc_pid_limits(5)); infinity: any number.
 *
 * @throws if there is no /proc
 */
export function readDescriptorLimit(): number {
  const limits = readFileSync("/proc/self/limits", "latin1");
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return Number(soft ?? Number.POSITIVE_INFINITY);
}

/**
 * Returns how many descriptors this process has open. Linux 6.2 and later report it as the
 * directory's size. For earlier versions this lists the directory, and leaves out the descriptor
 * that it uses itself.
 */
export function countDescriptors(): number {
  const directory = "/proc/self/fd";
  return statSync(directory).size || readdirSync(directory).length - 1;
}

/**
 * Returns the PIDs of all processes, in ascending order.
 *
 * @throws if there is no /proc, as on macOS
 */
export function listPids(root = "/proc"): number[] {
  const names = unlessGone(() => readdirSync(root));
  if (!names) throw new Error(`${root} does not exist: the process tree needs Linux`);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.sort((a, b) => a - b);
}

/** Returns one process; null if it is gone. */
export function readProcess(pid: number, root = "/proc"): Process | null {
  return unlessGone(() => {
    const [, , comm = "", , ppid] = readStat(pid, root);
    // The owner of the directory: its files belong to root while the process is not dumpable.
    const { uid } = statSync(`${root}/${pid}`);
    return { pid, ppid: Number(ppid), uid, comm };
  });
}

/**
 * Returns the fields of /proc/PID/stat, numbered from 1 as in proc_pid_stat(5).
 * The name may contain `)`.
 */
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

/**
 * Reads what this process could not read any more once it is not dumpable
 * (PR_SET_DUMPABLE, prctl(2)).
 */
export function readAuxiliaryVector(): void {
  pageSize ??= unless(UNREADABLE, readPageSize) ?? undefined;
}

/** Returns 4 KiB on x64; 4, 16 or 64 KiB on arm64. */
function readPageSize(): number {
  const vector = readFileSync("/proc/self/auxv");
  let offset = 0;
  while (vector.readBigUInt64LE(offset) !== AT_PAGESZ) offset += 16;
  return Number(vector.readBigUInt64LE(offset + 8));
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
