/** The history's file, and what is beside it. */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errorCode } from "../../shared/error-code.ts";
import { UsageError } from "../options/usage-error.ts";
import { type FileModes, rememberModes } from "../os/file-modes.ts";

/**
 * Returns the absolute path of `--history FILE`.
 * @throws {UsageError} if there can be no file with this path. A disk that fails is no
 * error here: it may recover.
 */
export function resolveHistoryFile(file: string): string {
  const path = resolve(file);
  if (kindOf(path) === "directory") {
    throw new UsageError(`--history ${file}: is a directory, not a file.`);
  }
  const directory = dirname(path);
  const kind = kindOf(directory);
  if (kind === "missing")
    throw new UsageError(`--history ${file}: no such directory ${directory}.`);
  if (kind === "file") throw new UsageError(`--history ${file}: ${directory} is not a directory.`);
  return path;
}

/** Returns the files of the history: its own, and SQLite's journal beside it. */
export function historyFiles(file: string): string[] {
  return [file, `${file}-journal`];
}

/** Returns what this process may do with them now, and with their directory. */
export function modesOfHistory(file: string): FileModes {
  return rememberModes([dirname(file), ...historyFiles(file)]);
}

function kindOf(path: string): "directory" | "file" | "missing" | "unknown" {
  try {
    return statSync(path).isDirectory() ? "directory" : "file";
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return "missing";
    return code === "ENOTDIR" ? "file" : "unknown";
  }
}
