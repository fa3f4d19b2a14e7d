/**
 * Gives each child a directory for temporary files (TMPDIR), which only its user can open and which
 * is removed when the child has ended.
 *
 * Its contents may be hostile: links, trees of any depth, thousands of files. So the master itself
 * only tries rmdir(2), which is enough for most. The others are emptied by rm(1) and chmod(1),
 * which run as the child's user and so can do no more than the child could, once no process of the
 * child is left to interfere.
 */
import { chownSync, mkdirSync, mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { errorCode } from "../../shared/error-code.ts";
import type { ChildUser } from "./child-users.ts";
import { makeTemporaryParent, type TemporaryParent } from "./temporary-parent.ts";

export interface TemporaryDirectories {
  /** Returns the directory that they are in. */
  parent(): string;
  /**
   * `confine` is called when they are in another one from now on, before a child gets one there.
   */
  onMoved(confine: () => void): void;
  /** Makes one for the next child of this user. @throws an error with a `code` */
  make(user: ChildUser): TemporaryDirectory;
  /**
   * Removes one, when no process of its child is left. `run` runs a command as the child's
   * user, and resolves when it has ended. Returns null if the directory is already gone;
   * otherwise resolves when it is.
   */
  remove(directory: TemporaryDirectory, run: RunAsUser): Promise<void> | null;
  /**
   * To be called when the last child has ended. Resolves when all are
   * removed, or after some seconds.
   */
  close(): Promise<void>;
}

export interface TemporaryDirectory {
  readonly path: string;
  readonly name: string;
  readonly parent: TemporaryParent;
}

/** The command gets a copy of the descriptor as its `GIVEN_FD`. */
export type RunAsUser = (cmd: string[], fd: number) => Promise<void>;

const GIVEN_FD = 3;

/** How many are emptied at a time. Emptying one keeps a processor busy. */
const MAX_REMOVALS = 2;

/** How long the shutdown waits for directories that are being emptied. */
const CLOSE_TIMEOUT_MS = 10_000;

/** `warn` is called for a directory that cannot be removed. @throws if no directory can be made */
export function openTemporaryDirectories(warn: (message: string) => void): TemporaryDirectories {
  const parents = openParents(warn);
  const removals = new Set<Promise<void>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function empty(directory: TemporaryDirectory, run: RunAsUser): Promise<void> {
    if (running === MAX_REMOVALS) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    const { parent, name, path } = directory;
    const isLinux = process.platform === "linux";
    const given = isLinux ? join(`/proc/self/fd/${GIVEN_FD}`, name) : path;
    try {
      // Not in a shell: it would have to fork, which --child-processes may deny.
      const remove = ["rm", "-rf", "--", given];
      await run(remove, parent.fd);
      if (removeEmpty(directory, warn)) return;
      // The child has removed its own permissions. With --writable it can set no other mode.
      await run(["chmod", "-R", "700", "--", given], parent.fd);
      await run(remove, parent.fd);
      rmdirSync(parent.inside(name));
    } catch (error) {
      if (errorCode(error) !== "ENOENT") warn(`${path} cannot be removed: ${String(error)}`);
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  }

  return {
    parent: () => parents.current().path,
    onMoved: parents.onMoved,
    make(user) {
      const parent = parents.use();
      try {
        return makeIn(parent, user);
      } catch (error) {
        parents.release(parent);
        throw error;
      }
    },
    remove(directory, run) {
      const { parent } = directory;
      if (removeEmpty(directory, warn)) {
        parents.release(parent);
        return null;
      }
      const removal = empty(directory, run);
      removals.add(removal);
      return removal.finally(() => {
        removals.delete(removal);
        parents.release(parent);
      });
    },
    async close() {
      const timedOut = Promise.withResolvers<void>();
      const timeout = setTimeout(timedOut.resolve, CLOSE_TIMEOUT_MS);
      await Promise.race([Promise.all(removals), timedOut.promise]);
      clearTimeout(timeout);
      const parent = parents.current();
      if (removals.size > 0) return warn(`${parent.path} could not be removed in time`);
      try {
        parent.remove();
      } catch (error) {
        warn(`${parent.path} cannot be removed: ${String(error)}`);
      }
    },
  };
}

/**
 * The parent of the next directories. When it is no longer where it was made, another takes its
 * place, and it remains that of the earlier ones.
 */
function openParents(warn: (message: string) => void) {
  /** How many directories are in each. */
  const uses = new Map<TemporaryParent, number>();
  let current = makeTemporaryParent();
  let confine = () => {};
  uses.set(current, 0);

  function closeIfUnused(parent: TemporaryParent): void {
    if (parent === current || uses.get(parent) !== 0) return;
    uses.delete(parent);
    parent.close();
  }

  /** @throws what `confine` throws; then the next call tries again */
  function move(): void {
    const before = current;
    try {
      mkdirSync(tmpdir(), { recursive: true }); // children can remove that, too
      current = makeTemporaryParent();
    } catch (error) {
      // Children that are started now do without.
      return warn(`${before.path} is gone, and cannot be made again: ${String(error)}`);
    }
    uses.set(current, 0);
    try {
      confine();
    } catch (error) {
      const unused = current;
      current = before;
      uses.delete(unused);
      unused.remove();
      throw error;
    }
    closeIfUnused(before);
  }

  return {
    current: () => current,
    onMoved(callback: () => void): void {
      confine = callback;
    },
    /**
     * Returns the one for the next directory. To be followed by `release` when that
     * is gone. @throws as `move`
     */
    use(): TemporaryParent {
      if (!current.isInPlace()) current.repair();
      if (!current.isInPlace()) move();
      uses.set(current, (uses.get(current) ?? 0) + 1);
      return current;
    },
    release(parent: TemporaryParent): void {
      uses.set(parent, (uses.get(parent) ?? 0) - 1);
      closeIfUnused(parent);
    },
  };
}

/**
 * Makes a directory with a name that no child can have taken before (mkdtemp(3)).
 * @throws an error with a `code`
 */
function makeIn(parent: TemporaryParent, { uid, gid, spawn }: ChildUser): TemporaryDirectory {
  const made = retryRepaired(parent, () => mkdtempSync(parent.inside("child-")));
  if (spawn.uid !== undefined) {
    try {
      chownSync(made, uid, gid);
    } catch (error) {
      rmdirSync(made);
      throw error;
    }
  }
  const name = basename(made);
  return { path: join(parent.path, name), name, parent };
}

/** Undoes what a child of the master's own user can do: remove the parent's permissions. */
function retryRepaired<T>(parent: TemporaryParent, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (errorCode(error) !== "EACCES") throw error;
    parent.repair();
    return act();
  }
}

/**
 * Returns false if there is something in it. It never throws: a session has to end even
 * if its directory remains.
 */
function removeEmpty(
  { path, name, parent }: TemporaryDirectory,
  warn: (message: string) => void,
): boolean {
  try {
    retryRepaired(parent, () => rmdirSync(parent.inside(name)));
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return true; // a child of the master's own user can remove it
    if (code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR") return false;
    warn(`${path} cannot be removed: ${String(error)}`);
    return true;
  }
}
