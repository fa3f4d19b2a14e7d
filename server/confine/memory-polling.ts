/**
 * Holds each child to a size. Limits of a process (setrlimit) are of no use for that: JavaScriptCore
 * reserves gigabytes of addresses that it never touches, which RLIMIT_AS and RLIMIT_DATA count. So the
 * kernel is asked to, with a cgroup for each child (memory-cgroup.ts); where it may not be asked, the
 * master looks itself, now and then, and kills who has more.
 */
import { formatBytes } from "../../shared/format.ts";
import { readPrivateBytes } from "../../shared/proc.ts";
import {
  descendantsOf,
  killAll,
  MAX_DESCENDANTS_FOR_MASTER,
  descendantPids,
} from "../os/descendants.ts";

/** A child whose memory is limited. */
export interface LimitedProcess {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
}

export interface MemoryLimit {
  /** Makes a place for one child. @throws if there is none to be had, with `code`. */
  place(): MemorySlot;
  /** To be called when the last child has ended; settles when nothing of it is left. */
  close(): Promise<void>;
}

/** Where one child is held. */
export interface MemorySlot {
  /** What Bun.spawn is to be told. */
  spawn: { cgroup?: string };
  /** The child runs. */
  hold(child: LimitedProcess): void;
  /** It has ended, or could not be started. */
  leave(): void;
}

/** Between two rounds of looks (ms): each child is looked at once a second … */
const PAUSE = 250;
const ROUNDS = 4;

/**
 * … but of very many processes only so many at a time: a look takes some 10 µs, and 50 µs where it is looked below,
 * too. What is more waits, so that a client with very many costs the others a later look and the master no time.
 */
const MOST_LOOKS = 250;

/**
 * The master's own looks. With `below` what a child has started counts as the child's and is killed with it; what
 * two of these share since one was forked from the other counts for both.
 * `warn` is told whom it kills, before it does.
 */
export function pollMemory(
  bytes: number,
  below: boolean,
  warn: (message: string) => void,
): MemoryLimit {
  /** In the order in which they are to be looked at. */
  const children = new Set<LimitedProcess>();
  const timer = setInterval(() => {
    let left = MOST_LOOKS;
    const round = Math.ceil(children.size / ROUNDS);
    for (const child of children.values().take(round).toArray()) {
      if (left <= 0) break;
      const family = [
        child.pid,
        ...(below ? descendantPids(child.pid, MAX_DESCENDANTS_FOR_MASTER) : []),
      ];
      left -= family.length;
      children.delete(child);
      if (look(child, family)) children.add(child); // at the end
    }
  }, PAUSE);
  timer.unref();

  /** False if the child need not be looked at again. */
  function look(child: LimitedProcess, family: readonly number[]): boolean {
    // Who has gone, or cannot be read while there are no descriptors, has nothing for now.
    const used = family.reduce((sum, pid) => sum + (readPrivateBytes(pid) ?? 0), 0);
    if (used <= bytes) return true;
    const limit = `--child-memory ${formatBytes(bytes)}`;
    const whose = family.length > 1 ? " with what it has started" : "";
    warn(`pid ${child.pid}${whose} uses ${formatBytes(used)}, more than ${limit}: killed`);
    // Below a process that has gone nobody is found any more.
    const known = below ? descendantsOf(child.pid, MAX_DESCENDANTS_FOR_MASTER) : [];
    child.kill("SIGKILL");
    killAll(known);
    return false;
  }

  return {
    place() {
      let held: LimitedProcess | undefined;
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
