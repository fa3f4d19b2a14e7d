/**
 * Makes this process the parent of what its program leaves behind: a process whose parent has ended becomes a child
 * of the nearest subreaper, not of init (PR_SET_CHILD_SUBREAPER, prctl(2)), so descendants.ts finds it.
 */
import { FFIType } from "bun:ffi";
import { readChildren } from "../../shared/proc.ts";
import { openLibc } from "../os/libc.ts";

// The constants of Linux.
const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;

/**
 * From now on reaps every child that ends, for a zombie counts among the processes that a user may have. `ownPid`
 * returns the process that Bun started, which Bun reaps itself. @throws if the kernel or the C library cannot do it.
 */
export function becomeSubreaper(ownPid: () => number | undefined): void {
  const { i32, u64, ptr } = FFIType;
  const libc = openLibc({
    prctl: { args: [i32, u64, u64, u64, u64], returns: i32 },
    waitpid: { args: [i32, ptr, i32], returns: i32 },
  });
  if (libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0) throw new Error("no subreaper");
  process.on("SIGCHLD", () => {
    // One by one: waiting for any child would take the exit status of Bun's own from it.
    for (const pid of readChildren(process.pid)) {
      if (pid !== ownPid()) libc.waitpid(pid, null, WNOHANG);
    }
  });
}
