/**
 * The directory that the children's temporary directories are in. Children of the master's own
 * user can rename it, remove it, or put a link in its place, so the master uses it by a
 * descriptor, never by its path: /proc/self/fd/N leads to the directory itself
 * (proc_pid_fd(5)), wherever it is now.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rememberModes, restoreModes } from "../os/file-modes.ts";

export interface TemporaryParent {
  /** Where it was made. */
  readonly path: string;
  /** A descriptor of it. */
  readonly fd: number;
  /** Returns the path of something in it, for this process. */
  inside(name: string): string;
  /** Returns false if its path leads elsewhere or nowhere. */
  isInPlace(): boolean;
  /** Undoes what a child has done to its permissions, or to those of a directory above. */
  repair(): void;
  /** Closes the descriptor. */
  close(): void;
  /** Removes it with what is in it, if it is where it was made, and closes the descriptor. */
  remove(): void;
}

/** Children may pass through it, but not list what is there. */
const MODE = 0o711;

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;

/** Makes a new one. @throws an error with a `code` */
export function makeTemporaryParent(): TemporaryParent {
  const path = mkdtempSync(join(tmpdir(), "brood-tmp-"));
  const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  const { ino, dev } = fstatSync(fd);
  const modesAbove = rememberModes([dirname(path)]);
  fchmodSync(fd, MODE);

  function isInPlace(): boolean {
    try {
      const found = lstatSync(path);
      return found.ino === ino && found.dev === dev;
    } catch {
      return false; // whatever the reason, children cannot reach it either
    }
  }

  function repair(): void {
    restoreModes(modesAbove);
    fchmodSync(fd, MODE);
  }

  return {
    path,
    fd,
    inside: (name) => join(process.platform === "linux" ? `/proc/self/fd/${fd}` : path, name),
    isInPlace,
    repair,
    close: () => closeSync(fd),
    remove() {
      try {
        repair();
        if (isInPlace()) rmSync(path, { recursive: true, force: true });
      } finally {
        closeSync(fd);
      }
    },
  };
}
