/**
 * Keeps what a program has started below the child that keeps its terminal: a process whose parent has ended
 * comes to the child, not to init (PR_SET_CHILD_SUBREAPER, prctl(2)), where descendants.ts finds it.
 */
import { FFIType } from "bun:ffi";
import { readChildren } from "../../shared/proc.ts";
import { openLibc } from "../os/libc.ts";

// The constants of Linux.
const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;

/**
 * From now on. `own` gives the pid of the process that Bun has started here and reaps itself; the others that end
 * are reaped, too: a zombie counts among what a user may have. @throws if the kernel or the C library has no such thing.
 */
export function becomeSubreaper(own: () => number | undefined): void {
  const { i32, u64, ptr } = FFIType;
  const libc = openLibc({
    prctl: { args: [i32, u64, u64, u64, u64], returns: i32 },
    waitpid: { args: [i32, ptr, i32], returns: i32 },
  });
  if (libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0) throw new Error("no subreaper");
  process.on("SIGCHLD", () => {
    // One by one: to wait for any would take from Bun how its own has ended.
    for (const pid of readChildren(process.pid)) {
      if (pid !== own()) libc.waitpid(pid, null, WNOHANG);
    }
  });
}
