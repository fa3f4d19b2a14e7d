/**
 * Makes this process the parent of what its program leaves behind, so that descendants.ts finds it.
 * See `ProcessCalls.becomeSubreaper`.
 */
import { readChildren } from "../../shared/proc.ts";
import { openProcessCalls } from "../os/process-calls.ts";

/**
 * From now on reaps every child that ends, since a zombie counts as one of the processes that a
 * user may have. `ownPid` returns the process that Bun started, which Bun reaps itself. @throws if
 * the kernel or the C library cannot do it.
 */
export function becomeSubreaper(ownPid: () => number | undefined): void {
  const calls = openProcessCalls();
  calls.becomeSubreaper();
  process.on("SIGCHLD", () => {
    // One by one: waiting for any child would take the exit status of Bun's own from it.
    for (const pid of readChildren(process.pid)) {
      if (pid !== ownPid()) calls.reap(pid);
    }
  });
}
