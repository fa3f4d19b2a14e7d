/**
 * The user that each child runs as, and the end of what a child leaves behind: processes that it has started and that
 * outlive it, whatever session and group they have moved to. They are found among the orphans of all children
 * (orphans.ts):
 *
 * - Where each child has a user ID of its own (uids.ts), by that ID. Nothing else has it.
 * - Where children share a user, by session. A child begins a session (setsid(2)), which what it starts stays in. An
 *   orphan in the session of no living child is a leftover, and one that began a session of its own cannot be told
 *   from one: it is killed within a second, even if its child lives.
 */
import type { ProcessCalls } from "../os/process-calls.ts";
import { signalProcessGroup } from "../os/process-group.ts";
import { createOrphans, hasUid, killOrphan, type Orphan, type Orphans } from "./orphans.ts";
import type { Uids } from "./uids.ts";

/** The IDs of one child's user and group. */
export interface ChildUser {
  readonly uid: number;
  readonly gid: number;
  /** Options of Bun.spawn, which clears the supplementary groups; none if it is the master's own user. */
  readonly spawn: { uid?: number; gid?: number };
}

export interface ChildUsers {
  /**
   * Returns the user of the next child. After that, call `started` and `ended`, or `release` if the child could not be
   * started.
   * @throws an error with code EAGAIN if no user ID is free
   */
  take(): ChildUser;
  release(user: ChildUser): void;
  /** `pid`: of a child that was started as `user`, in a session of its own. */
  started(pid: number): void;
  /**
   * The child has been reaped. Kills what it has left behind. Calls `onCleared` with the number of processes that were
   * killed when none is left: at once, if there was none.
   */
  ended(user: ChildUser, pid: number, onCleared: (leftovers: number) => void): void;
  /** To be called when the last child has ended. */
  close(): void;
}

/** How a killed process is waited for: it has to run once more to end. */
const ROUND_INTERVAL_MS = 2;

/** After that many rounds, processes are forking faster than they are found, or the kernel cannot end them. */
const MAX_QUICK_ROUNDS = 10;

/** After that many rounds, about a second, the log says so, and there is one round a second. */
const MAX_ROUNDS = 100;

const RETRY_INTERVAL_MS = 1000;

/** How often orphans that have ended are reaped, and those that left their session are killed. */
const SWEEP_INTERVAL_MS = 1000;

interface ChildUsersContext {
  /** Null where the system calls are missing: then only the child's process group is killed. */
  calls: ProcessCalls | null;
  /** Children may start processes, so each one's end is followed by a search. */
  startsProcesses: boolean;
  warn(message: string): void;
}

/** Every child gets a user and group ID from `uids`. */
export function ownUsers(
  uids: Uids,
  calls: ProcessCalls,
  { warn }: Pick<ChildUsersContext, "warn">,
): ChildUsers {
  const orphans = createOrphans(calls);
  const timer = setInterval(orphans.find, SWEEP_INTERVAL_MS);
  timer.unref();

  return {
    take() {
      const uid = uids.take();
      return { uid, gid: uid, spawn: { uid, gid: uid } };
    },
    release: ({ uid }) => uids.release(uid),
    started: orphans.add,
    ended(user, pid, onCleared) {
      const { uid } = user;
      orphans.delete(pid);
      const onClear = (leftovers: number) => {
        uids.release(uid);
        onCleared(leftovers);
      };
      if (!calls.isUserActive(uid)) return onClear(0);
      const search = {
        find: () => orphans.find().filter((orphan) => hasUid(orphan.pid, uid)),
        isClear: () => !calls.isUserActive(uid),
        killRest: () => killAllOf(user),
        what: `processes of user ${uid}, which PID ${pid} left behind,`,
      };
      void clear(search, warn).then(onClear);
    },
    close: () => clearInterval(timer),
  };
}

/** All children run as `user`. */
export function sharedUser(
  user: ChildUser,
  { calls, startsProcesses, warn }: ChildUsersContext,
): ChildUsers {
  if (calls === null) return groupsOnly(user);
  const orphans = createOrphans(calls);
  const find = () => strays(orphans);
  const timer = setInterval(() => {
    const killed = find().filter(({ pid, isEnding }) => !isEnding && killOrphan(pid)).length;
    if (killed > 0) warn(`killed ${killed} orphaned processes that had left their child's session`);
  }, SWEEP_INTERVAL_MS);
  timer.unref();

  return {
    take: () => user,
    release() {},
    started: orphans.add,
    ended(_, pid, onCleared) {
      orphans.delete(pid);
      const found = startsProcesses ? find() : [];
      signalProcessGroup(pid, "KILL");
      if (found.length === 0) return onCleared(0);
      const refused = new Set<number>();
      const search = {
        find: () => find().filter((orphan) => !refused.has(orphan.pid)),
        isClear: () => find().every((orphan) => refused.has(orphan.pid)),
        onRefused: (refusedPid: number) => refused.add(refusedPid),
        killRest: async () => {},
        what: `processes that PID ${pid} left behind`,
      };
      void clear(search, warn).then(onCleared);
    },
    close: () => clearInterval(timer),
  };
}

/** Kills the child's process group, and cannot find anything else. */
function groupsOnly(user: ChildUser): ChildUsers {
  return {
    take: () => user,
    release() {},
    started() {},
    ended(_, pid, onCleared) {
      signalProcessGroup(pid, "KILL");
      onCleared(0);
    },
    close() {},
  };
}

/** Returns the orphans that are in the session of no living child. */
function strays(orphans: Orphans): Orphan[] {
  return orphans.find().filter(({ session }) => !orphans.has(session));
}

interface Search {
  find(): Orphan[];
  isClear(): boolean;
  /** An orphan may not be killed. */
  onRefused?(pid: number): void;
  /** Kills what keeps forking. */
  killRest(): Promise<void>;
  /** What is searched for, for the log. */
  what: string;
}

/** Kills what is found until nothing is left. @returns the number of processes that did not end by themselves */
async function clear(search: Search, warn: (message: string) => void): Promise<number> {
  const found = new Set<number>();
  for (let round = 1; ; round += 1) {
    for (const { pid, isEnding } of search.find()) {
      if (isEnding) continue;
      found.add(pid);
      if (killOrphan(pid)) continue;
      search.onRefused?.(pid);
      warn(`PID ${pid} cannot be killed: it runs a setuid program`);
    }
    if (search.isClear()) return found.size;
    if (round === MAX_ROUNDS) warn(`${search.what} cannot be killed yet; trying again each second`);
    if (round >= MAX_QUICK_ROUNDS) {
      await search.killRest().catch((error: unknown) => warn(`${search.what}: ${String(error)}`));
    }
    await Bun.sleep(round < MAX_ROUNDS ? ROUND_INTERVAL_MS : RETRY_INTERVAL_MS);
  }
}

/**
 * Kills all processes of a user at one moment, in which none of them can fork (kill(2), PID −1). Only a process of that
 * user can do so: the master may signal everything.
 */
async function killAllOf({ spawn }: ChildUser): Promise<void> {
  const cmd = ["/bin/sh", "-c", "kill -KILL -1"];
  await using process = Bun.spawn({
    ...spawn,
    cmd,
    cwd: "/",
    env: {},
    stdio: ["ignore", "ignore", "ignore"],
  });
  await process.exited;
}
