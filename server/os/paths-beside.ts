/**
 * Lists everything except some paths. Landlock can only allow, and what it allows on a directory
 * holds for everything below it. So to leave out /a/b/c, it has to allow each entry of /, /a and
 * /a/b except a, b and c.
 */
import { lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { errorCode } from "../../shared/error-code.ts";
import { directoriesAbove } from "./directories-above.ts";

export interface PathsBeside {
  /**
   * Together with everything below them, these are all files that exist now, except the excluded
   * ones. What appears later in one of `ancestors` isn't included.
   */
  paths: string[];
  /**
   * The directories above the excluded paths, / first. A grant on one of them would
   * include what is excluded.
   */
  ancestors: string[];
}

/**
 * Returns the paths beside the excluded ones, which are absolute and need not exist. Symbolic links
 * in them are followed, and are themselves excluded, since replacing one replaces what it leads to.
 * Other paths to the same files, through bind mounts, are excluded too. The result leaves out
 * symbolic links, since access depends on where they lead, and what is in directories that we
 * cannot list. `within`: only what is in these directories.
 */
export function pathsBeside(
  excluded: readonly string[],
  within: readonly string[] = ["/"],
): PathsBeside {
  if (excluded.length === 0) return { paths: [...within], ancestors: [] };
  const mounts = readMounts();
  const named = excluded.flatMap((path) => {
    const { target, links } = followLinks(path);
    return [target, ...links];
  });
  const out = new Set(named.flatMap((path) => [path, ...aliases(path, mounts)]));
  const ancestors = new Set([...out].flatMap(directoriesAbove));
  const existing = [...ancestors].filter((path) => !isBelowAny(path, out)).sort();
  const beside = existing.flatMap(entries).filter((path) => !out.has(path) && !ancestors.has(path));
  const paths = within.flatMap((path) => {
    const { target } = followLinks(path);
    if (isBelowAny(target, out)) return [];
    if (!ancestors.has(target)) return [target];
    return beside.filter((candidate) => isBelowAny(candidate, new Set([target])));
  });
  return { paths, ancestors: existing };
}

/** How many links are followed: as many as the kernel follows (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * Follows the symbolic links in a path, the end of which need not exist. Returns where it leads,
 * and the links on the way.
 */
export function followLinks(path: string): { target: string; links: string[] } {
  const links: string[] = [];
  let target = "/";
  let rest = namesOf(path);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = join(target, name);
    const link = links.length < MAX_LINKS ? readLink(next) : null;
    if (link === null) {
      target = next;
    } else {
      links.push(next);
      rest = [...namesOf(resolve(target, link)), ...rest];
      target = "/";
    }
  }
  return { target, links };
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

/** Returns null if it isn't a link, or we cannot reach it. */
function readLink(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") return null;
    throw error;
  }
}

/**
 * Returns the paths of a directory's entries, except symbolic links; none if it doesn't exist or
 * cannot be listed.
 */
function entries(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !entry.isSymbolicLink())
      .map(({ name }) => join(directory, name));
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") return [];
    throw error;
  }
}

function isBelowAny(path: string, others: ReadonlySet<string>): boolean {
  return [...others].some(
    (other) => path === other || path.startsWith(other === "/" ? "/" : `${other}/`),
  );
}

/** A line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
interface Mount {
  /** The device number of the filesystem. */
  device: string;
  /** The directory of that filesystem that is mounted. */
  root: string;
  point: string;
}

function readMounts(): Mount[] {
  if (process.platform !== "linux") return [];
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, , device = "", root = "", point = ""] = line.split(" ").map(unescape);
      return { device, root, point };
    });
}

/** Spaces and the like are written as three octal digits. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(parseInt(digits, 8)),
  );
}

/** Returns the other paths at which a path, or something below it, is mounted. */
function aliases(path: string, mounts: readonly Mount[]): string[] {
  const home = mounts
    .filter(({ point }) => isBelowAny(path, new Set([point])))
    .reduce<Mount | null>(
      (best, mount) => (best && best.point.length > mount.point.length ? best : mount),
      null,
    );
  if (home === null) return [];
  const inside = join(home.root, relative(home.point, path));
  return mounts
    .filter((mount) => mount.device === home.device && mount !== home)
    .flatMap(({ root, point }) => {
      if (isBelowAny(inside, new Set([root]))) return [join(point, relative(root, inside))];
      return isBelowAny(root, new Set([inside])) ? [point] : [];
    });
}
