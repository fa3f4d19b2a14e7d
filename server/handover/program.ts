/**
 * The program that a child runs. It is prepared once, before the first client comes, so that no
 * client waits for modules to be found or compiled: a bundle with bytecode for this Bun or, where
 * brood is a single executable, that executable.
 */
import { chmodSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ChildStart } from "../channel/child-start.ts";
import type { Serving } from "../options/serving.ts";
import { type FileModes, rememberModes, restoreModes } from "../os/file-modes.ts";
import { bundleModule, type Files, readOutputs } from "./bundle-module.ts";
import { makeProgramDirectory } from "./program-place.ts";

/** The name of all our processes, as the tutorial's `pstree` shows it. */
const PROCESS_NAME = "server";

/**
 * A client could leave a configuration for the next one where children run, so Bun must not
 * read any there. Nor may it download a package that a module tries to import: that would be
 * whatever has the name on npm.
 */
const BUN_FLAGS = [
  "--no-env-file",
  "--config=/dev/null",
  "--tsconfig-override=/dev/null",
  "--no-install",
];

export interface Program {
  /**
   * Returns the command that starts a child in this role, to be followed by the child's arguments.
   */
  command(role: ChildStart["role"]): string[];
  /** The files and directories that its files were made from. */
  sources: readonly string[];
  /** Returns the directory of its files. @throws as `confine`, or an error with a `code` */
  directory(): string;
  /** Returns why other users can choose what children load; null if they cannot. */
  exposure(): string | null;
  /**
   * `confine` is called when the files were gone and have been written to another directory, before
   * a child is started there.
   */
  onMoved(confine: () => void): void;
  /** Removes its files. */
  close(): void;
}

/**
 * The entry of each kind of child, and that of a spare. With `--exec` a
 * child is the user's program.
 */
const ENTRIES = {
  "built-in": { child: "child", spare: "built-in-spare" },
  module: { child: "module-child", spare: "module-child" },
  pty: { child: "terminal-child", spare: "terminal-child" },
} satisfies Partial<Record<Serving["kind"], { child: string; spare: string }>>;

/**
 * Children execute a link to `executable`.
 * @throws {UsageError} if the service's module cannot be bundled
 * @throws another error if its files cannot be written
 */
export async function prepareProgram(
  executable: string,
  serving: Exclude<Serving, { kind: "exec" }>,
): Promise<Program> {
  const entries = ENTRIES[serving.kind];
  const entryOf = (role: ChildStart["role"]) => (role === "spare" ? entries.spare : entries.child);
  const path = serving.kind === "module" ? serving.path : null;
  const module = path === null ? null : await bundleModule(path);
  const moduleFiles: Files = module?.files ?? new Map();
  const args = (directory: string, role: ChildStart["role"]) => [
    entryOf(role),
    module === null ? "" : join(directory, module.entry),
  ];
  const sources = module?.sources ?? [];
  if (Bun.isStandaloneExecutable)
    return { ...createProgram(executable, moduleFiles, args), sources };
  const bundles = await bundle([...new Set(Object.values(entries))]);
  const files = new Map([...bundles, ...moduleFiles]);
  const created = createProgram(executable, files, (directory, role) => [
    ...BUN_FLAGS,
    join(directory, `${entryOf(role)}.js`),
    ...args(directory, role),
  ]);
  return { ...created, sources };
}

/** Returns the command that starts brood itself, to be followed by one of brood's commands. */
export function thisProgram(): string[] {
  return [process.execPath, ...(Bun.isStandaloneExecutable ? [] : [thisEntry()])];
}

/** Returns the module that is loaded first in all of brood's processes and threads. */
export function thisEntry(): string {
  return Bun.isStandaloneExecutable ? Bun.main : join(import.meta.dir, "../main.ts");
}

/**
 * What Bun reads in the directory that it is started in, before any program, unless it is a single
 * executable.
 */
const BUN_FILES = ["bunfig.toml", ".env", ".env.local", ".env.development", ".env.production"];

/** Returns the files and directories that brood itself is run from. */
export function thisProgramFiles(): string[] {
  const [startedAs = ""] = process.platform === "linux" ? commandLine() : [];
  const link = startedAs.includes("/") ? resolve(startedAs) : Bun.which(startedAs);
  const executables = [process.execPath, ...(link === null ? [] : [link])];
  if (Bun.isStandaloneExecutable) return executables;
  const checkout = join(import.meta.dir, "../..");
  return [...executables, checkout, ...BUN_FILES.map((name) => resolve(name))];
}

function commandLine(): string[] {
  return readFileSync("/proc/self/cmdline", "utf8").split("\0");
}

/** Names this process as `pstree` shows it. Only Linux can. */
export function nameThisProcess(): void {
  if (process.platform === "linux") writeFileSync("/proc/self/comm", PROCESS_NAME);
}

async function bundle(entries: readonly string[]): Promise<Files> {
  const { outputs } = await Bun.build({
    entrypoints: entries.map((entry) => join(import.meta.dir, `../child/${entry}.ts`)),
    target: "bun",
    format: "cjs", // outside a single executable Bun has bytecode for CommonJS only
    bytecode: true,
    minify: true,
  });
  return readOutputs(outputs);
}

/**
 * Keeps `files` and a link to `executable` in a directory of their own. A job that cleans up
 * may delete them after some weeks, so they are checked for each command, and written again if
 * they are gone. A directory with the same name that was not made here belongs to somebody else,
 * and is left alone. Children of the master's user can take away permissions, which are given back.
 */
function createProgram(
  executable: string,
  files: Files,
  args: (directory: string, role: ChildStart["role"]) => string[],
): Omit<Program, "sources"> {
  let current = write(executable, files); // an error shows at startup, not with the first client
  let confine = () => {};

  function ensureWritten(): string {
    restoreModes(current.modes);
    if (isOurs(current) && isComplete(current.directory, files)) return current.directory;
    const before = current;
    current = write(executable, files);
    try {
      confine();
    } catch (error) {
      remove(current);
      current = before;
      throw error;
    }
    remove(before);
    return current.directory;
  }

  return {
    command(role) {
      const directory = ensureWritten();
      return [join(directory, PROCESS_NAME), ...args(directory, role)];
    },
    directory: ensureWritten,
    exposure: () => current.exposure,
    onMoved(callback) {
      confine = callback;
    },
    close: () => remove(current),
  };
}

/** A directory is known by its inode: another one may have its name by now. */
interface Written {
  directory: string;
  inode: number;
  exposure: string | null;
  modes: FileModes;
}

function write(executable: string, files: Files): Written {
  const isNative = [...files.keys()].some((name) => name.endsWith(".node"));
  const { directory, exposure } = makeProgramDirectory(isNative);
  // The kernel names a process after the path it was executed by. `process.title` does not change
  // `comm`, which is what pstree reads.
  symlinkSync(executable, join(directory, PROCESS_NAME));
  const paths = [...files.keys()].map((name) => join(directory, name));
  for (const [name, content] of files) {
    writeFileSync(join(directory, name), content);
    chmodSync(join(directory, name), 0o444);
  }
  chmodSync(directory, 0o755); // children may run as another user; Bun lists the directory of its program
  const modes = rememberModes([directory, ...paths, process.execPath]);
  return { directory, inode: lstatSync(directory).ino, exposure, modes };
}

function isOurs({ directory, inode }: Written): boolean {
  return inodeOf(directory) === inode;
}

function isComplete(directory: string, files: Files): boolean {
  return [PROCESS_NAME, ...files.keys()].every((name) => inodeOf(join(directory, name)) !== null);
}

function remove(written: Written): void {
  restoreModes(written.modes);
  if (isOurs(written)) rmSync(written.directory, { recursive: true, force: true });
}

function inodeOf(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? null;
}
