/** The control group of a process (cgroups(7)) and how much memory it has: of version 2, or of 1 where that has it. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorCode } from "./error-code.ts";
import { escapeBytes } from "./escape.ts";

export interface Cgroup {
  /** As /proc/PID/cgroup has it. */
  path: string;
  /** Of all processes in it, in bytes; null where it counts none. */
  memoryBytes: number | null;
  /** Null: no limit, or none known. */
  memoryLimit: number | null;
  processes: number | null;
}

/** The largest number of pages that version 1 takes means no limit. */
const NO_LIMIT = 2 ** 62;

/** @throws as `readFileSync`, if it is not told. */
export function readCgroup(pid: number, root = "/proc"): Cgroup {
  const groups = readFileSync(`${root}/${pid}/cgroup`, "latin1");
  const mounts = readFileSync(`${root}/self/mountinfo`, "latin1");
  const [, unified] = /^0::(.+)$/m.exec(groups) ?? [];
  const [, ofMemory] = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.+)$/m.exec(groups) ?? [];
  const path = escapeBytes(ofMemory ?? unified ?? "");
  const none = { path, memoryBytes: null, memoryLimit: null, processes: null };
  const directory =
    ofMemory !== undefined
      ? directoryOf(ofMemory, mounts, / - cgroup \S+ \S*\bmemory\b/)
      : directoryOf(unified ?? "", mounts, CGROUP2);
  if (directory === null) return none;
  const [used, limit] =
    ofMemory !== undefined
      ? ["memory.usage_in_bytes", "memory.limit_in_bytes"]
      : ["memory.current", "memory.max"];
  return {
    path,
    memoryBytes: numberIn(join(directory, used)),
    memoryLimit: numberIn(join(directory, limit)),
    processes: countIn(join(directory, "cgroup.procs")),
  };
}

/** Returns the directory of the cgroup (version 2) that this process is in; null if it is in none. */
export function readOwnCgroupDirectory(root = "/proc"): string | null {
  const [, path] = /^0::(.+)$/m.exec(readFileSync(`${root}/self/cgroup`, "latin1")) ?? [];
  const mounts = readFileSync(`${root}/self/mountinfo`, "latin1");
  return path === undefined ? null : directoryOf(path, mounts, CGROUP2);
}

/** A mount of version 2 in proc_pid_mountinfo(5). */
const CGROUP2 = / - cgroup2 /;

/**
 * Returns the directory of the cgroup `path`; null if its file system is not mounted, or another part of it.
 * proc_pid_mountinfo(5), fields 4 and 5: which directory of the file system is mounted, and where.
 */
function directoryOf(path: string, mountinfo: string, kind: RegExp): string | null {
  const line = mountinfo.split("\n").find((candidate) => kind.test(candidate));
  const [, , , top, mountPoint] = line?.split(" ") ?? [];
  if (top === undefined || mountPoint === undefined || !path.startsWith(top)) return null;
  return resolve(mountPoint, `.${path.slice(top === "/" ? 0 : top.length)}`);
}

function numberIn(file: string): number | null {
  const text = textIn(file)?.trim();
  // The group at the top has no such file, and `max` is no limit.
  const number = text === undefined || text === "" ? NaN : Number(text);
  return number < NO_LIMIT ? number : null;
}

function countIn(file: string): number | null {
  return textIn(file)?.match(/\n/g)?.length ?? null;
}

function textIn(file: string): string | null {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    if (errorCode(error) !== undefined) return null;
    throw error;
  }
}
