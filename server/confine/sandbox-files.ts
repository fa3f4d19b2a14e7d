/** Which files children may use, for Landlock (server/os/landlock.ts). */
import { readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { isChangeable } from "../os/changeable.ts";
import { decidersOfImports } from "../os/import-resolution.ts";
import type { FileGrants } from "../os/landlock.ts";
import { consoles } from "../os/consoles.ts";
import { pathsBeside } from "../os/paths-beside.ts";

export interface ProtectedFiles {
  /** What no child may read or write: the history, the state, and the log if it goes to a file. */
  secret: readonly string[];
  /**
   * What the next client or the next start of the server runs. Children of its user may read it,
   * but neither change it nor add to its directories, unless `--writable` lets them.
   */
  code: readonly string[];
  /** The directory of the children's program, which they read and execute; null for `--exec`. */
  program: string | null;
  /** The directory of the children's temporary directories; null if they have none. */
  temporary: string | null;
}

/** Devices that programs expect. */
const DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx"];

/** The pseudoterminals of the children and of the operator. */
const TERMINALS = "/dev/pts";

/**
 * What Bun reads as it starts. JavaScriptCore finds the bounds of its stack in /proc/self/maps, and
 * cannot run without it; /proc/self alone cannot be granted, as it is a different directory for
 * each process. Links are followed to what they point to.
 */
const READ_BY_BUN = [
  "/proc",
  "/sys/devices/system",
  "/sys/fs/cgroup",
  "/sys/kernel/mm/transparent_hugepage",
  "/etc/ld.so.cache",
  "/etc/localtime",
  "/dev/null",
  "/dev/urandom",
];

/**
 * Returns the files for built-in services: Bun, the libraries that it has mapped here, and their
 * own program.
 */
export function builtInFiles({ program }: ProtectedFiles, usesShell: boolean): FileGrants {
  const own = program === null ? [] : [program];
  // Directories, not files: an upgrade replaces the files, and children must still start.
  const libraries = [...new Set(mappedFiles().map((file) => dirname(file)))];
  const shell = usesShell ? [dirname(realpathSync("/bin/sh"))] : [];
  const executable = ["/proc/self/exe", ...libraries, ...shell];
  return {
    list: own,
    read: [...executable, ...READ_BY_BUN, ...own],
    execute: executable,
    write: ["/dev/null"],
    change: [],
  };
}

/**
 * Returns the files for modules and programs; null if the kernel already denies their user
 * everything that has to be denied. `writable`: null for whatever their user can write.
 */
export function programFiles(
  { secret, code, program, temporary }: ProtectedFiles,
  writable: readonly string[] | null,
  {
    ownUser,
    isMastersUser,
    hasTerminal,
  }: { ownUser: boolean; isMastersUser: boolean; hasTerminal: boolean },
): FileGrants | null {
  if (writable === null && ownUser) return null;
  const own = temporary === null ? [] : [temporary];
  // The operator's terminal belongs to the master's user, too.
  const terminals = hasTerminal || !isMastersUser ? [TERMINALS] : [];
  const hidden = isMastersUser
    ? [...secret, ...consoles(), ...(hasTerminal ? [] : [TERMINALS])]
    : [];
  const masters =
    isMastersUser && program !== null ? [program, ...decidersOfImports([program])] : [];
  const later = isMastersUser && writable === null ? code.filter(isChangeable) : [];
  const { paths: readable } = pathsBeside(hidden);
  // In /proc, processes of one user can write to each other's memory, and in /sys to the files of
  // their control group, which can freeze and kill all in it.
  const unchangeable = ownUser ? [] : [...hidden, ...masters, ...later, "/proc", "/sys"];
  const { paths: changeable } = pathsBeside(unchangeable, writable ?? ["/"]);
  return {
    list: ["/"],
    read: [...readable, ...own],
    execute: [...readable, ...own],
    write: [...changeable, ...own, ...DEVICES, ...terminals],
    change: [...changeable, ...own],
  };
}

/** The files of the libraries of this process: its children run the same executable. */
function mappedFiles(): string[] {
  const maps = readFileSync("/proc/self/maps", "utf8").matchAll(/ (\/.+)$/gm);
  const paths = new Set([...maps].map(([, path = ""]) => path));
  return [...paths].filter((path) => /\.so(\.|$)/.test(path));
}
