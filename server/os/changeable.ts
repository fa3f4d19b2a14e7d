/** Whether this process's user could change a file. */
import { accessSync, constants, lstatSync } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";
import { directoriesAbove } from "./directories-above.ts";
import { followLinks } from "./paths-beside.ts";

/**
 * Returns true if this user could write to a file or put another in its place: if it, a link to it
 * or a directory on the way belongs to the user or is writable. The file need not exist.
 */
export function isChangeable(path: string): boolean {
  const { target, links } = followLinks(path);
  const parts = [target, ...links];
  return parts.some((part) =>
    [part, ...directoriesAbove(part)].some((at) => isWritable(at) || isOwn(at)),
  );
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}

function isOwn(path: string): boolean {
  try {
    return lstatSync(path).uid === process.getuid?.();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}
