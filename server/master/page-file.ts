/**
 * The file in the state directory that has the page's address with its password: for
 * commands of the same user.
 */
import { lstatSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../shared/error-code.ts";
import { rememberModes, restoreModes } from "../os/file-modes.ts";
import { pageFileName } from "../../shared/state-directory.ts";

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** The bits of a mode that let the group or others write. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Writes the address into `directory`, which is created if it is missing. Returns a function that
 * deletes the file, and the directory if it was created here and nothing else is in it.
 * @throws if it cannot be written, or if another user could change it.
 */
export function writePageFile(directory: string, port: number, url: string): () => void {
  const isCreated = mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE }) !== undefined;
  const { uid, mode } = lstatSync(directory);
  if (uid !== process.getuid?.() || (mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new Error(`${directory}: other users can write there`);
  }
  const path = join(directory, pageFileName(port));
  rmSync(path, { force: true }); // of a server that was killed
  writeFileSync(path, `${url}\n`, { mode: FILE_MODE, flag: "wx" });
  const modes = rememberModes([directory]);
  return () => {
    restoreModes(modes);
    rmSync(path, { force: true });
    if (isCreated) removeIfEmpty(directory);
  };
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!["ENOTEMPTY", "ENOENT", "EACCES"].includes(errorCode(error) ?? "")) throw error;
  }
}
