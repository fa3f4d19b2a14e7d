/**
 * Keeps this user's access to its own files. Any process of the same user can take it away
 * (chmod(2)), even from files that it cannot open.
 */
import { chmodSync, type Stats, statSync } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";
import { directoriesAbove } from "./directories-above.ts";
import { followLinks } from "./paths-beside.ts";

/**
 * Paths, a directory before what is in it, and the permissions that this user needs on each. It
 * passes to a thread as JSON.
 */
export type FileModes = readonly (readonly [path: string, mode: number])[];

const OWNER = 0o700;
const READ_AND_WRITE = 0o600;

/**
 * Returns what this user may do with its own of these files now, and with its own
 * directories above them. It may read and write those that do not exist yet. None for root,
 * whom modes do not hold up.
 */
export function rememberModes(paths: readonly string[]): FileModes {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) return [];
  const all = new Set(paths.flatMap((path) => withAncestors(followLinks(path).target)));
  return [...all].flatMap((path) => {
    const stat = statOf(path);
    if (stat === null) return [[path, READ_AND_WRITE] as const];
    return stat.uid === uid ? [[path, stat.mode & OWNER] as const] : [];
  });
}

function withAncestors(path: string): string[] {
  return [...directoriesAbove(path).reverse(), path];
}

/** Gives this user back the permissions that are missing. @throws an error with a `code` */
export function restoreModes(modes: FileModes): void {
  for (const [path, wanted] of modes) {
    const stat = statOf(path);
    if (stat === null || stat.uid !== process.getuid?.()) continue;
    if ((stat.mode & wanted) !== wanted) chmodSync(path, (stat.mode & 0o7777) | wanted);
  }
}

/** Returns null for what is missing, or cannot be reached. */
function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return null;
  }
}
