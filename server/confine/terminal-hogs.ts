/**
 * Finds users that hold so many pseudoterminals that the machine may run out of them
 * (kernel.pty.max, proc(5)). A process can open /dev/ptmx as often as it can open files, and a
 * limit on those would hold for all other files, too. So nothing is limited until half of all
 * pseudoterminals are taken.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../shared/error-code.ts";

/** Each pseudoterminal is a file here that belongs to the user who opened it (devpts). */
const TERMINALS = "/dev/pts";

/**
 * More than tmux or an editor needs, and too few for the 100 children of one
 * source to take half of 4,096.
 */
const MAX_WHEN_SCARCE = 16;

/**
 * Returns the users that hold too many, and how many each holds; none while enough are left.
 * `isChild` returns true for a child's user.
 */
export function findTerminalHogs(isChild: (uid: number) => boolean): Map<number, number> {
  const hogs = new Map<number, number>();
  if (!areScarce()) return hogs;
  for (const uid of readOwners()) if (isChild(uid)) hogs.set(uid, (hogs.get(uid) ?? 0) + 1);
  for (const [uid, count] of hogs) if (count <= MAX_WHEN_SCARCE) hogs.delete(uid);
  return hogs;
}

/**
 * Returns false if it cannot read how many are taken: without /proc/sys, or without a descriptor.
 */
function areScarce(): boolean {
  const [taken, max] = ["nr", "max"].map((name) =>
    readOrNull(() => Number(readFileSync(`/proc/sys/kernel/pty/${name}`, "latin1"))),
  );
  return taken != null && max != null && taken > max / 2;
}

function readOwners(): number[] {
  const names = readOrNull(() => readdirSync(TERMINALS)) ?? [];
  return names.flatMap((name) => readOrNull(() => statSync(join(TERMINALS, name)).uid) ?? []);
}

function readOrNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    // The others are out of descriptors, or the terminal has just been closed.
    if (["ENOENT", "EACCES", "EMFILE", "ENFILE"].includes(errorCode(error) ?? "")) return null;
    throw error;
  }
}
