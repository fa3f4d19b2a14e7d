/**
 * Where a server leaves what the commands of the same user need: by default a directory that is
 * deleted when the user logs out.
 */
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Returns the path of the state directory: `given` (--state) or, for root, /run/brood, for anyone
 * else brood in $XDG_RUNTIME_DIR (https://specifications.freedesktop.org/basedir-spec) or else
 * brood-UID in the temporary directory.
 */
export function stateDirectory(
  given: string | null,
  environment: Readonly<Record<string, string | undefined>>,
  uid: number,
): string {
  if (given !== null) return resolve(given);
  if (uid === 0) return "/run/brood";
  const { XDG_RUNTIME_DIR: runtime = "" } = environment;
  return runtime === "" ? join(tmpdir(), `brood-${uid}`) : join(runtime, "brood");
}

/**
 * Returns the name of the file with the whole address of the page on this
 * port, including its password.
 */
export function pageFileName(port: number): string {
  return `page-${port}`;
}
