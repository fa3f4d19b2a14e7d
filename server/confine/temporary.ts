/**
 * A directory for temporary files of each child (TMPDIR), which only its user can open, and which is removed with it.
 *
 * What is in it may be hostile: links, trees of any depth, files by the thousand. So the master only tries rmdir(2),
 * which is enough for most. The rest is removed by a process of the child's own user, which can do no more than the child
 * could (rm(1), chmod(1)), when nothing of the child's is left that could interfere.
 */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { errorCode } from "../../shared/error-code.ts";
import { rememberModes, restoreModes } from "../os/file-modes.ts";
import type { ChildUser } from "./child-users.ts";

export interface TemporaryDirectories {
  /** The directory that they are in. */
  readonly parent: string;
  /** Makes one for the next child of this user, and returns its path. @throws an error with a `code` */
  make(user: ChildUser): string;
  /**
   * Removes one, when no process of its child is left. `run` runs a command as the child's user, and resolves when it has
   * ended. Returns null if the directory is gone at once; otherwise resolves when it is.
   */
  remove(directory: string, run: RunAsUser): Promise<void> | null;
  /** To be called when the last child has ended. Resolves when all are removed, or after some seconds. */
  close(): Promise<void>;
}

export type RunAsUser = (cmd: string[]) => Promise<void>;

/** So many are emptied at a time: each takes a processor. */
const MAX_REMOVALS = 2;

/** How long the shutdown waits for directories that are being emptied. */
const CLOSE_TIMEOUT_MS = 10_000;

/** Children may pass through the parent, but not list what is there. */
const PARENT_MODE = 0o711;

/** `warn` is called for a directory that cannot be removed. @throws if no directory can be made */
export function openTemporaryDirectories(warn: (message: string) => void): TemporaryDirectories {
  const parent = mkdtempSync(join(tmpdir(), "brood-tmp-"));
  const repair = createRepair(parent);
  chmodSync(parent, PARENT_MODE);
  const removals = new Set<Promise<void>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function empty(directory: string, run: RunAsUser): Promise<void> {
    if (running === MAX_REMOVALS) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      // Not in a shell: it would have to fork, which --child-processes may deny.
      const remove = ["rm", "-rf", "--", directory];
      await run(remove);
      if (removeEmpty(directory, repair, warn)) return;
      // The child has taken its own permissions away. With --writable it can set no other mode.
      await run(["chmod", "-R", "700", "--", directory]);
      await run(remove);
      rmdirSync(directory);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") warn(`${directory} cannot be removed: ${String(error)}`);
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  }

  return {
    parent,
    make({ uid, gid, spawn }) {
      const directory = makeIn(parent, repair);
      if (spawn.uid !== undefined) chownSync(directory, uid, gid);
      return directory;
    },
    remove(directory, run) {
      if (removeEmpty(directory, repair, warn)) return null;
      const removal = empty(directory, run);
      removals.add(removal);
      return removal.finally(() => removals.delete(removal));
    },
    async close() {
      const timedOut = Promise.withResolvers<void>();
      const timeout = setTimeout(timedOut.resolve, CLOSE_TIMEOUT_MS);
      await Promise.race([Promise.all(removals), timedOut.promise]);
      clearTimeout(timeout);
      if (removals.size > 0) return warn(`${parent} could not be removed in time`);
      try {
        repair();
        rmSync(parent, { recursive: true, force: true });
      } catch (error) {
        warn(`${parent} cannot be removed: ${String(error)}`);
      }
    },
  };
}

/** Returns a new directory with a name that no child can have taken before (mkdtemp(3)). @throws an error with a `code` */
function makeIn(parent: string, repair: () => void): string {
  const prefix = join(parent, "child-");
  try {
    return mkdtempSync(prefix);
  } catch (error) {
    const code = errorCode(error);
    if (code !== "EACCES" && code !== "ENOENT") throw error;
    repair();
    return mkdtempSync(prefix);
  }
}

/**
 * Returns a function that undoes what a child of the master's own user can do to the parent: remove
 * it, or take away its permissions or those of a directory above.
 */
function createRepair(parent: string): () => void {
  const modes = rememberModes([dirname(parent)]);
  return () => {
    restoreModes(modes);
    mkdirSync(parent, { recursive: true });
    chmodSync(parent, PARENT_MODE);
  };
}

/** Returns false if there is something in it. It never throws: a session has to end even if its directory remains. */
function removeEmpty(
  directory: string,
  repair: () => void,
  warn: (message: string) => void,
): boolean {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (attempt === 2) repair();
      rmdirSync(directory);
      return true;
    } catch (error) {
      const code = errorCode(error);
      if (code === "ENOENT") return true; // a child of the master's own user can remove it
      if (code === "ENOTEMPTY" || code === "EEXIST") return false;
      if (code === "EACCES" && attempt === 1) continue;
      warn(`${directory} cannot be removed: ${String(error)}`);
      return true;
    }
  }
}
