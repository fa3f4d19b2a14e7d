/**
 * What a child runs. Made once, before the first client, so that no client waits for modules to be
 * found or compiled: a bundle with its bytecode for the Bun at hand, or, where brood is one
 * executable, that itself.
 */
import { chmodSync, lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleModule, contents, type Files } from "./bundle-module.ts";
import type { Serving } from "../options/serving.ts";

/** The name of every process of ours, as the tutorial's `pstree` shows it. */
const PROCESS_NAME = "server";

export interface Program {
  /** The command that starts a child, to be followed by its arguments. */
  command(): string[];
  /** Removes what is on disk for it. */
  close(): void;
}

/** Which child speaks what; an `--exec` program is no child of ours. */
const ENTRIES = {
  "built-in": "child",
  module: "module-child",
  pty: "terminal-child",
} satisfies Partial<Record<Serving["kind"], string>>;

/**
 * Children are executed by way of a link to `executable`.
 * @throws {UsageError} if the service's module cannot be bundled; another error if nothing can be written
 * where temporary files go.
 */
export async function prepareProgram(
  executable: string,
  serving: Exclude<Serving, { kind: "exec" }>,
): Promise<Program> {
  const entry = ENTRIES[serving.kind];
  const path = serving.kind === "module" ? serving.path : null;
  const module = path === null ? null : await bundleModule(path);
  const args = (at: string) => [entry, module === null ? "" : join(at, module.entry)];
  const theirs: Files = module?.files ?? new Map();
  if (Bun.isStandaloneExecutable) return program(executable, theirs, args);
  const files = new Map([...(await bundle(entry)), ...theirs]);
  return program(executable, files, (directory) => [
    ...WITHOUT_CONFIG,
    join(directory, `${entry}.js`),
    ...args(directory),
  ]);
}

/** What lies where children run is not their configuration: one client could leave it to the next. */
const WITHOUT_CONFIG = ["--no-env-file", "--config=/dev/null"];

/** The command by which brood starts itself, to be followed by a command of its own. */
export function thisProgram(): string[] {
  return [process.execPath, ...(Bun.isStandaloneExecutable ? [] : [thisEntry()])];
}

/** What is loaded first in every process of brood's, and in a thread that is to be one of its programs. */
export function thisEntry(): string {
  return Bun.isStandaloneExecutable ? Bun.main : join(import.meta.dir, "../main.ts");
}

async function bundle(entry: string): Promise<Files> {
  const { outputs } = await Bun.build({
    entrypoints: [join(import.meta.dir, `../child/${entry}.ts`)],
    target: "bun",
    format: "cjs", // what Bun has bytecode for outside an executable
    bytecode: true,
    minify: true,
  });
  return contents(outputs);
}

/**
 * What cleans up /tmp may take files that are weeks old: each time they are looked at, and renewed. A
 * directory of the same name that is not the one made here is somebody else's, and not touched.
 */
function program(executable: string, files: Files, args: (directory: string) => string[]): Program {
  let directory: string | undefined;
  let inode = 0;

  function prepared(): string {
    const names = [PROCESS_NAME, ...files.keys()];
    if (directory !== undefined && inodeOf(directory) === inode) {
      const made = directory;
      if (names.every((name) => inodeOf(join(made, name)) !== null)) return made;
      close();
    }
    directory = mkdtempSync(join(tmpdir(), "brood-"));
    inode = lstatSync(directory).ino;
    // The kernel names a process after the path it was started by. `process.title` would not do,
    // it leaves `comm`, which pstree reads, as it was.
    symlinkSync(executable, join(directory, PROCESS_NAME));
    for (const [name, content] of files) {
      writeFileSync(join(directory, name), content);
      chmodSync(join(directory, name), 0o444);
    }
    chmodSync(directory, 0o755); // children may run as another user; Bun lists where its program is
    return directory;
  }

  function close(): void {
    if (directory !== undefined && inodeOf(directory) === inode) {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  prepared(); // what is wrong with the place is told at the start, not to the first client
  return {
    command() {
      const at = prepared();
      return [join(at, PROCESS_NAME), ...args(at)];
    },
    close,
  };
}

function inodeOf(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

/** Gives this process the name that `pstree` shows. Linux alone keeps it there. */
export function nameThisProcess(): void {
  if (process.platform === "linux") writeFileSync("/proc/self/comm", PROCESS_NAME);
}
