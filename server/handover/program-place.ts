/**
 * Where the children's program is. Bun looks for package.json, tsconfig.json and node_modules in
 * every directory above a file that it loads, so whoever can write to one of those chooses what
 * later children run. So /tmp is out of the question, although nobody can remove another user's
 * files there. The check is that of StrictModes in sshd_config(5).
 */
import {
  accessSync,
  constants,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../../shared/error-code.ts";
import { directoriesAbove } from "../os/directories-above.ts";

/**
 * The bits of a mode that let the group or others write. With an access control list, those of the
 * group are its mask (acl(5)).
 */
const WRITABLE_BY_OTHERS = 0o022;

export interface ProgramPlace {
  /** A new, empty directory, which only this user can open. */
  directory: string;
  /** Why other users can choose what children load there; null if they cannot. */
  exposure: string | null;
}

/**
 * Makes the directory of a program: in the first place that only this user and root can write to,
 * or else in the directory of temporary files. `isNative`: libraries can be loaded from it.
 * @throws an error with a `code` if there is none to write to
 */
export function makeProgramDirectory(isNative: boolean): ProgramPlace {
  for (const place of privatePlaces()) {
    const directory = exposureOf(place) === null ? tryMake(place, isNative) : null;
    if (directory !== null) return { directory, exposure: null };
  }
  return { directory: make(tmpdir()), exposure: exposureOf(tmpdir()) };
}

/** Root's children are other users, who have to reach it. /run may be mounted noexec. */
function privatePlaces(): string[] {
  if (process.getuid?.() === 0) return [tmpdir(), "/run", "/var/cache"];
  const { XDG_RUNTIME_DIR: runtime = "" } = process.env;
  return runtime === "" ? [tmpdir()] : [tmpdir(), runtime];
}

/** Returns null if it cannot be made or used there. */
function tryMake(place: string, isNative: boolean): string | null {
  try {
    const directory = make(place);
    if (!isNative || isExecutable(directory)) return directory;
    rmSync(directory, { recursive: true });
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
  return null;
}

function make(place: string): string {
  return mkdtempSync(join(place, "brood-"));
}

/** access(2) tells whether the filesystem is mounted noexec. */
function isExecutable(directory: string): boolean {
  const file = join(directory, "executable");
  writeFileSync(file, "", { mode: 0o700 });
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(file);
  }
}

/** Returns why another user could write to the directory or one above it; null if none can. */
function exposureOf(directory: string): string | null {
  try {
    const real = realpathSync(directory);
    const exposed = [real, ...directoriesAbove(real)].find(isExposed);
    return exposed === undefined ? null : `other users can write to ${exposed}`;
  } catch (error) {
    return String(error);
  }
}

function isExposed(directory: string): boolean {
  const { uid, mode } = statSync(directory);
  return (uid !== 0 && uid !== process.getuid?.()) || (mode & WRITABLE_BY_OTHERS) !== 0;
}
