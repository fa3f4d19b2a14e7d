/** System calls about processes that Bun has no function for. Linux only. */
import { FFIType, ptr } from "bun:ffi";
import { openLibc } from "./libc.ts";
import { systemCallNumber } from "./system-call-numbers.ts";

/** How a reaped child ended. */
export interface ReapedChild {
  /** Its real user ID. */
  uid: number;
  /** SIGKILL ended it. */
  wasKilled: boolean;
}

export interface ProcessCalls {
  /**
   * Returns true if a process or zombie has this real user ID (getpriority(2), PRIO_USER). The
   * kernel looks the user up in a hash table, which takes 0.7 µs, and searches all processes only
   * if the user is there: until some ms after its last process has ended.
   */
  isUserActive(uid: number): boolean;
  /**
   * Kills all processes of a user at once, so that none of them can fork in between (kill(2), PID
   * −1). For root only. `masterUid`: a user ID whose processes, if there are any, are killed too.
   */
  killUser(uid: number, masterUid: number): void;
  /**
   * Makes this process, and not init, the parent of its orphaned descendants
   * (PR_SET_CHILD_SUBREAPER, prctl(2)). @throws if the kernel cannot do that
   */
  becomeSubreaper(): void;
  /**
   * Returns true if this thread has a child, or a zombie of one (waitid(2), __WNOTHREAD). Children
   * of other threads do not count; an orphan becomes a child of the main thread. Takes 0.6 µs
   * without children, 0.1 ms with 1,000.
   */
  hasChildren(): boolean;
  /**
   * Reaps a child that Bun did not start; Bun reaps its own. @returns null if it has
   * not ended, or is not a child
   */
  reap(pid: number): ReapedChild | null;
  /** Returns the session of a process or zombie (getsid(2)); −1 if it is gone. */
  sessionOf(pid: number): number;
  /** Keeps this process and its children from writing core dumps (RLIMIT_CORE, getrlimit(2)). */
  disableCoreDumps(): void;
  /**
   * Limits how many processes and threads each user of children can have (RLIMIT_NPROC) to
   * `max`, or fewer if this process already has a lower limit. The kernel exempts root,
   * outside of user namespaces.
   */
  limitProcesses(max: number): void;
}

// The constants of Linux, the same on x64 and arm64.
const PR_SET_CHILD_SUBREAPER = 36;
const PRIO_USER = 2;
const RLIMIT_CORE = 4;
const RLIMIT_NPROC = 6;
const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const __WNOTHREAD = 0x20000000;
const SIGKILL = 9;

// Called directly: the C library's getpriority returns −1 for an error and for a priority, its
// setresuid changes all threads.
const GETPRIORITY = systemCallNumber("getpriority");
const SETRESUID = systemCallNumber("setresuid");
const KILL = systemCallNumber("kill");

/** siginfo_t, as 32-bit numbers. */
const SIGINFO_LENGTH = 32;
const SI_CODE = 2;
const SI_PID = 4;
const SI_UID = 5;
const SI_STATUS = 6;

/** Values of `SI_CODE`: ended by a signal, without or with a core dump. */
const CLD_KILLED = 2;
const CLD_DUMPED = 3;

/** @throws if the C library cannot be opened */
export function openProcessCalls(): ProcessCalls {
  const { i32, i64_fast: long, u64, ptr: pointer } = FFIType;
  const libc = openLibc({
    prctl: { args: [i32, u64, u64, u64, u64], returns: i32 },
    waitid: { args: [i32, i32, pointer, i32], returns: i32 },
    getsid: { args: [i32], returns: i32 },
    getrlimit: { args: [i32, pointer], returns: i32 },
    setrlimit: { args: [i32, pointer], returns: i32 },
    syscall: { args: [long, long, long, long], returns: long },
  });
  const noCore = new BigUint64Array([0n, 0n]);
  const info = new Uint32Array(SIGINFO_LENGTH);

  /** Sets the user IDs of this thread alone. */
  function setThreadUser(real: number, effective: number, saved: number): boolean {
    return Number(libc.syscall(SETRESUID, real, effective, saved)) === 0;
  }

  return {
    isUserActive: (uid) => Number(libc.syscall(GETPRIORITY, PRIO_USER, uid, 0)) !== -1,
    killUser(uid, masterUid) {
      // The effective ID lets this thread kill the user's processes. It does not let them signal
      // this thread: for that, they would need its real or saved ID. With root's as the real ID,
      // root's processes would be killed, too.
      if (!setThreadUser(masterUid, uid, 0)) throw new Error(`this thread cannot be user ${uid}`);
      libc.syscall(KILL, -1, SIGKILL, 0);
      if (!setThreadUser(0, 0, 0)) process.abort();
    },
    becomeSubreaper() {
      if (libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0) throw new Error("no subreaper");
    },
    hasChildren() {
      return libc.waitid(P_ALL, 0, ptr(info), WEXITED | WNOHANG | WNOWAIT | __WNOTHREAD) === 0;
    },
    reap(pid) {
      info[SI_PID] = 0; // a child that has not ended leaves it so
      if (libc.waitid(P_PID, pid, ptr(info), WEXITED | WNOHANG) !== 0 || info[SI_PID] === 0) {
        return null;
      }
      const bySignal = info[SI_CODE] === CLD_KILLED || info[SI_CODE] === CLD_DUMPED;
      return { uid: info[SI_UID] ?? 0, wasKilled: bySignal && info[SI_STATUS] === SIGKILL };
    },
    sessionOf: (pid) => libc.getsid(pid),
    disableCoreDumps: () => void libc.setrlimit(RLIMIT_CORE, ptr(noCore)),
    limitProcesses(max) {
      const limit = new BigUint64Array(2); // soft and hard
      libc.getrlimit(RLIMIT_NPROC, ptr(limit));
      const lower = limit.map((own) => (own < BigInt(max) ? own : BigInt(max)));
      if (libc.setrlimit(RLIMIT_NPROC, ptr(lower)) !== 0) throw new Error("no RLIMIT_NPROC");
    },
  };
}
