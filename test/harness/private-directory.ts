/** Where a server finds a directory that no other user can write to, as it does not in /tmp. */
import { chmodSync, chownSync, mkdtempSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ORDINARY_UID } from "./ordinary-user.ts";

const isRoot = process.getuid?.() === 0;

const PARENT = isRoot ? "/run" : process.env.XDG_RUNTIME_DIR || homedir();

/**
 * Makes one, which the caller removes. `ordinary`: for a server of the ordinary user.
 * Others may pass through it.
 */
export function makePrivateDirectory(prefix: string, ordinary = false): string {
  const directory = mkdtempSync(join(PARENT, prefix));
  chmodSync(directory, 0o711);
  if (ordinary && isRoot) chownSync(directory, ORDINARY_UID, ORDINARY_UID);
  return directory;
}
