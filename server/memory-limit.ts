/**
 * Holds each child to a size. Limits of a process (setrlimit) are of no use for that: JavaScriptCore
 * reserves gigabytes of addresses that it never touches, which RLIMIT_AS and RLIMIT_DATA count. So the
 * kernel is asked to, with a cgroup for each child (memory-cgroup.ts); where it may not be asked, the
 * master looks itself, now and then, and kills who has more.
 */
import { formatBytes } from "../shared/format.ts";
import { readPrivateBytes } from "../shared/proc.ts";
import type { ChildProcess } from "./spawn.ts";

export interface MemoryLimit {
  /** Makes a place for one child. @throws if there is none to be had, with `code`. */
  place(): Place;
  /** To be called when the last child has ended; settles when nothing of it is left. */
  close(): Promise<void>;
}

/** Where one child is held. */
export interface Place {
  /** What Bun.spawn is to be told. */
  spawn: { cgroup?: string };
  /** The child runs. */
  hold(child: ChildProcess): void;
  /** It has ended, or could not be started. */
  leave(): void;
}

/** Between two rounds of looks (ms): each child is looked at once a second … */
const PAUSE = 250;
const ROUNDS = 4;

/** … but of very many children only so many at a time: a look takes some 10 µs. */
const MOST_LOOKS = 250;

/** The master's own looks. `warn` is told whom it kills, before it does. */
export function watchMemory(bytes: number, warn: (message: string) => void): MemoryLimit {
  /** In the order in which they are to be looked at. */
  const children = new Set<ChildProcess>();
  const timer = setInterval(() => {
    const looks = Math.min(Math.ceil(children.size / ROUNDS), MOST_LOOKS);
    for (const child of children.values().take(looks).toArray()) {
      children.delete(child);
      if (look(child)) children.add(child); // at the end
    }
  }, PAUSE);
  timer.unref();

  /** False if the child need not be looked at again. */
  function look(child: ChildProcess): boolean {
    const used = readPrivateBytes(child.pid);
    if (used === null) return false;
    if (used <= bytes) return true;
    const limit = `--child-memory ${formatBytes(bytes)}`;
    warn(`pid ${child.pid} uses ${formatBytes(used)}, more than ${limit}: killed`);
    child.kill("SIGKILL");
    return false;
  }

  return {
    place() {
      let held: ChildProcess | undefined;
      return {
        spawn: {},
        hold(child) {
          held = child;
          children.add(child);
        },
        leave() {
          if (held !== undefined) children.delete(held);
        },
      };
    },
    async close() {
      clearInterval(timer);
    },
  };
}
