/** System calls about processes that Bun has no function for. Linux only. */
import { FFIType, ptr } from "bun:ffi";
import { openLibc } from "./libc.ts";

export interface ProcessCalls {
  /**
   * Returns true if a process or zombie has this real user ID. The kernel looks the user up in a hash, and searches its
   * processes only if there is one (getpriority(2), PRIO_USER): 0.4 µs for a user without any.
   */
  isUserActive(uid: number): boolean;
  /**
   * Processes below this one whose parent ends become children of this one, not of init (PR_SET_CHILD_SUBREAPER,
   * prctl(2)). @throws if the kernel cannot do that
   */
  becomeSubreaper(): void;
  /** Reaps a child if it is a zombie. To be called only for a child that Bun did not start: Bun reaps its own. */
  reap(pid: number): void;
  /**
   * No process of the same user may read this one's environment, memory and descriptors, or trace it, from now on
   * (PR_SET_DUMPABLE). Nor can this one read /proc/self/environ and auxv, or write comm, unless it is root.
   */
  makeNonDumpable(): void;
  /** Neither this process nor its children can write core dumps from now on (RLIMIT_CORE, getrlimit(2)). */
  disableCoreDumps(): void;
}

// The constants of Linux, the same on x64 and arm64.
const PR_SET_DUMPABLE = 4;
const PR_SET_CHILD_SUBREAPER = 36;
const PRIO_USER = 2;
const RLIMIT_CORE = 4;
const WNOHANG = 1;

/** Called directly: it returns 1 to 40, and −1 only on an error. What the C library returns may be −1 either way. */
const SYS_GETPRIORITY = process.arch === "arm64" ? 141 : 140;

/** @throws if the C library cannot be opened */
export function openProcessCalls(): ProcessCalls {
  const { i32, i64_fast: long, u64, ptr: pointer } = FFIType;
  const libc = openLibc({
    prctl: { args: [i32, u64, u64, u64, u64], returns: i32 },
    waitpid: { args: [i32, pointer, i32], returns: i32 },
    setrlimit: { args: [i32, pointer], returns: i32 },
    syscall: { args: [long, long, long], returns: long },
  });
  const noCore = new BigUint64Array([0n, 0n]);

  return {
    isUserActive: (uid) => Number(libc.syscall(SYS_GETPRIORITY, PRIO_USER, uid)) !== -1,
    becomeSubreaper() {
      if (libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0) throw new Error("no subreaper");
    },
    reap: (pid) => void libc.waitpid(pid, null, WNOHANG),
    makeNonDumpable: () => void libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0),
    disableCoreDumps: () => void libc.setrlimit(RLIMIT_CORE, ptr(noCore)),
  };
}
