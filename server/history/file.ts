/** Where the history is to be kept. */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errorCode } from "../../shared/error-code.ts";
import { UsageError } from "../options/usage-error.ts";

/**
 * Gives the whole path of `--history FILE`, from where the server was started.
 * @throws {UsageError} on what is no place for a file. A disk that is in the way is not told here: it may get well.
 */
export function resolveHistoryFile(file: string): string {
  const path = resolve(file);
  if (kindOf(path) === "folder")
    throw new UsageError(`--history ${file}: is a folder, not a file.`);
  const folder = dirname(path);
  const kind = kindOf(folder);
  if (kind === "nothing") throw new UsageError(`--history ${file}: there is no folder ${folder}.`);
  if (kind === "file") throw new UsageError(`--history ${file}: ${folder} is no folder.`);
  return path;
}

function kindOf(path: string): "folder" | "file" | "nothing" | "unknown" {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return "nothing";
    return code === "ENOTDIR" ? "file" : "unknown";
  }
}
