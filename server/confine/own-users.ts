/**
 * Every child has a user ID of its own (uids.ts), which only it and the processes that it starts
 * have.
 */
import type { ProcessCalls } from "../os/process-calls.ts";
import type { ChildUsers } from "./child-users.ts";
import { createOrphans, killUntilCleared, type Orphans, SWEEP_INTERVAL_MS } from "./orphans.ts";
import { findTerminalHogs } from "./terminal-hogs.ts";
import type { Uids } from "./uids.ts";

/**
 * How long a child may take to end after SIGKILL. It takes longer while another process traces it:
 * then it cannot be reaped before its tracer ends (ptrace(2), "Death under ptrace").
 */
const END_TIMEOUT_MS = 100;

/**
 * Every child gets a user and group ID from `uids`. @throws if none is
 * free for the master's own use
 */
export function ownUsers(
  uids: Uids,
  calls: ProcessCalls,
  warn: (message: string) => void,
): ChildUsers {
  const masterUid = uids.take();
  /** The users of children that have not ended. */
  const live = new Set<number>();
  /** The users of children that were sent SIGKILL, and are not reaped yet. */
  const ending = new Set<number>();
  const killer = createKiller(calls, masterUid, warn);
  const { orphans } = killer;
  const timer = setInterval(sweep, SWEEP_INTERVAL_MS);
  timer.unref();

  function sweep(): void {
    orphans.find();
    for (const [uid, count] of findTerminalHogs((owner) => live.has(owner))) {
      const held = `${count.toLocaleString("en")} pseudoterminals`;
      warn(`user ${uid} holds ${held}, and more than half of the machine's are taken: killed`);
      calls.killUser(uid, masterUid);
    }
  }

  return {
    take() {
      const uid = uids.take();
      live.add(uid);
      return { uid, gid: uid, spawn: { uid, gid: uid } };
    },
    release({ uid }) {
      live.delete(uid);
      uids.release(uid);
    },
    started: orphans.add,
    killed({ uid }, pid, isReaped) {
      if (ending.has(uid)) return;
      ending.add(uid);
      const killRest = async () => {
        await killer.killUntilReaped(uid, pid, isReaped);
        ending.delete(uid);
      };
      setTimeout(() => void killRest(), END_TIMEOUT_MS).unref();
    },
    ended({ uid }, pid, onCleared) {
      live.delete(uid);
      orphans.delete(pid);
      const onClear = (leftovers: number) => {
        const cleaning = onCleared(leftovers);
        if (cleaning === null) uids.release(uid);
        else void cleaning.finally(() => uids.release(uid));
      };
      if (orphans.mayExist() && calls.isUserActive(uid)) void killer.clear(uid, pid).then(onClear);
      else onClear(killer.takeCount(uid));
    },
    cleaned: orphans.delete,
    [Symbol.dispose]() {
      clearInterval(timer);
      uids.release(masterUid);
    },
  };
}

interface Killer {
  readonly orphans: Orphans;
  /** Kills all processes of a user until its child is reaped. */
  killUntilReaped(uid: number, pid: number, isReaped: () => boolean): Promise<void>;
  /**
   * Kills what a reaped child has left behind. @returns how many were killed, when all are reaped
   */
  clear(uid: number, pid: number): Promise<number>;
  /** Returns how many processes of a user were killed besides its child's group, and forgets it. */
  takeCount(uid: number): number;
}

function createKiller(
  calls: ProcessCalls,
  masterUid: number,
  warn: (message: string) => void,
): Killer {
  /** How many processes have been killed, by the user of the child that started them. */
  const killedByUid = new Map<number, number>();
  const orphans = createOrphans(calls, (_, { uid, wasKilled }) => {
    const killed = killedByUid.get(uid);
    if (killed !== undefined && wasKilled) killedByUid.set(uid, killed + 1);
  });

  function startCount(uid: number): void {
    if (!killedByUid.has(uid)) killedByUid.set(uid, 0);
  }

  function takeCount(uid: number): number {
    const killed = killedByUid.get(uid) ?? 0;
    killedByUid.delete(uid);
    return killed;
  }

  return {
    orphans,
    takeCount,
    killUntilReaped(uid, pid, isReaped) {
      const killRound = () => {
        if (isReaped()) return true;
        startCount(uid);
        calls.killUser(uid, masterUid);
        return false;
      };
      return killUntilCleared(killRound, () => warn(`PID ${pid} was killed and has not ended yet`));
    },
    async clear(uid, pid) {
      orphans.find(); // what ended with its child has not been left behind
      startCount(uid);
      const killRound = () => {
        orphans.find();
        if (!calls.isUserActive(uid)) return true;
        calls.killUser(uid, masterUid);
        return false;
      };
      await killUntilCleared(killRound, () =>
        warn(`processes that PID ${pid} left behind, of user ${uid}, have not ended yet`),
      );
      return takeCount(uid);
    },
  };
}
