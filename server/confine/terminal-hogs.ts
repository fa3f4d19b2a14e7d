/**
 * Finds users that hold so many pseudoterminals that the machine may run out of them (kernel.pty.max, proc(5)). Any
 * process can open /dev/ptmx as often as it can open files, and a limit on those would also be one on all other files. So
 * nothing is limited before half of them are taken.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../shared/error-code.ts";

/** Each is a file that belongs to the user who opened it (devpts). */
const TERMINALS = "/dev/pts";

/** More than tmux or an editor needs. The 100 children that one source may have cannot take half of 4,096 with it. */
const MAX_WHEN_SCARCE = 16;

/** Returns the users for whom `isChild` is true that hold too many, and how many that are; none while there are enough. */
export function findTerminalHogs(isChild: (uid: number) => boolean): Map<number, number> {
  const hogs = new Map<number, number>();
  if (!areScarce()) return hogs;
  for (const uid of readOwners()) if (isChild(uid)) hogs.set(uid, (hogs.get(uid) ?? 0) + 1);
  for (const [uid, count] of hogs) if (count <= MAX_WHEN_SCARCE) hogs.delete(uid);
  return hogs;
}

/** Returns false where that cannot be read: without /proc/sys, or without a descriptor. */
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
