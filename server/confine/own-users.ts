/**
 * Every child has a user ID of its own (uids.ts), which only it and the processes that it starts
 * have.
 */
import type { ProcessCalls } from "../os/process-calls.ts";
import type { ChildUsers } from "./child-users.ts";
import { createOrphans, killUntilCleared, SWEEP_INTERVAL_MS } from "./orphans.ts";
import { findTerminalHogs } from "./terminal-hogs.ts";
import type { Uids } from "./uids.ts";

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
  /** How many processes have been killed, by the user of the child that left them behind. */
  const killedByUid = new Map<number, number>();
  const orphans = createOrphans(calls, (_, { uid, wasKilled }) => {
    const killed = killedByUid.get(uid);
    if (killed !== undefined && wasKilled) killedByUid.set(uid, killed + 1);
  });
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

  /** Kills a user's processes. @returns their number when all are reaped */
  async function clear(uid: number, pid: number): Promise<number> {
    orphans.find(); // what ended with its child has not been left behind
    killedByUid.set(uid, 0);
    const killRound = () => {
      orphans.find();
      if (!calls.isUserActive(uid)) return true;
      calls.killUser(uid, masterUid);
      return false;
    };
    await killUntilCleared(killRound, () =>
      warn(`processes that PID ${pid} left behind, of user ${uid}, have not ended yet`),
    );
    const killed = killedByUid.get(uid) ?? 0;
    killedByUid.delete(uid);
    return killed;
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
    ended({ uid }, pid, onCleared) {
      live.delete(uid);
      orphans.delete(pid);
      const onClear = (leftovers: number) => {
        const cleaning = onCleared(leftovers);
        if (cleaning === null) uids.release(uid);
        else void cleaning.finally(() => uids.release(uid));
      };
      if (orphans.mayExist() && calls.isUserActive(uid)) void clear(uid, pid).then(onClear);
      else onClear(0);
    },
    cleaned: orphans.delete,
    [Symbol.dispose]() {
      clearInterval(timer);
      uids.release(masterUid);
    },
  };
}
