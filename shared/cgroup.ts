/**
 * The control group of a process and its memory (cgroups(7)): version 2, or version
 * 1 if that controls memory.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorCode } from "./error-code.ts";
import { escapeBytes } from "./escape.ts";

export interface Cgroup {
  /** As in /proc/PID/cgroup. Escaped. */
  path: string;
  /** Memory of all processes in it; null if it is not counted. */
  memoryBytes: number | null;
  /** In bytes; null: no limit, or unknown. */
  memoryLimitBytes: number | null;
  /** Number of processes; null if unknown. */
  processes: number | null;
}

/** Version 1 reports a huge number of bytes where there is no limit. */
const NO_LIMIT_BYTES = 2 ** 62;

/** A mount of version 2 in proc_pid_mountinfo(5). */
const CGROUP2_MOUNT = / - cgroup2 /;

/**
 * Returns the control group of a process.
 *
 * @throws the error of `readFileSync` if the process is gone or there is no /proc
 */
export function readCgroup(pid: number, root = "/proc"): Cgroup {
  const groups = readFileSync(`${root}/${pid}/cgroup`, "latin1");
  const mounts = readFileSync(`${root}/self/mountinfo`, "latin1");
  const [, unified] = /^0::(.+)$/m.exec(groups) ?? [];
  const [, memoryGroup] = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.+)$/m.exec(groups) ?? [];
  const path = escapeBytes(memoryGroup ?? unified ?? "");
  const unknown = { path, memoryBytes: null, memoryLimitBytes: null, processes: null };
  const directory =
    memoryGroup !== undefined
      ? directoryOf(memoryGroup, mounts, / - cgroup \S+ \S*\bmemory\b/)
      : directoryOf(unified ?? "", mounts, CGROUP2_MOUNT);
  if (directory === null) return unknown;
  const [used, limit] =
    memoryGroup !== undefined
      ? ["memory.usage_in_bytes", "memory.limit_in_bytes"]
      : ["memory.current", "memory.max"];
  return {
    path,
    memoryBytes: readNumber(join(directory, used)),
    memoryLimitBytes: readNumber(join(directory, limit)),
    processes: countLines(join(directory, "cgroup.procs")),
  };
}

/**
 * Returns the directory of the cgroup (version 2) that this process is in; null if it is in none.
 */
export function readOwnCgroupDirectory(root = "/proc"): string | null {
  const [, path] = /^0::(.+)$/m.exec(readFileSync(`${root}/self/cgroup`, "latin1")) ?? [];
  const mounts = readFileSync(`${root}/self/mountinfo`, "latin1");
  return path === undefined ? null : directoryOf(path, mounts, CGROUP2_MOUNT);
}

/**
 * Returns the directory of the cgroup `path`; null if its file system is not mounted, or
 * another part of it. proc_pid_mountinfo(5), fields 4 and 5: which directory of the file
 * system is mounted, and where.
 */
function directoryOf(path: string, mountinfo: string, kind: RegExp): string | null {
  const line = mountinfo.split("\n").find((candidate) => kind.test(candidate));
  const [, , , top, mountPoint] = line?.split(" ") ?? [];
  if (top === undefined || mountPoint === undefined || !path.startsWith(top)) return null;
  return resolve(mountPoint, `.${path.slice(top === "/" ? 0 : top.length)}`);
}

function readNumber(file: string): number | null {
  const text = readText(file)?.trim();
  // The root group has no such file, and `max` means no limit.
  const number = text === undefined || text === "" ? NaN : Number(text);
  return number < NO_LIMIT_BYTES ? number : null;
}

function countLines(file: string): number | null {
  return readText(file)?.match(/\n/g)?.length ?? null;
}

/** Returns null if the file cannot be read. */
function readText(file: string): string | null {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    if (errorCode(error) !== undefined) return null;
    throw error;
  }
}
