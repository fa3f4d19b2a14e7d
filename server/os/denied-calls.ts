/** Which system calls a child is denied. */
import type { DeniedCall } from "./seccomp.ts";

/** For every child. */
export const DENIED_TO_ALL: readonly DeniedCall[] = [];

/** For children that share the master's user: what Landlock leaves open between its threads and them. Call it on the spawning thread. */
export function deniedToSameUser(): DeniedCall[] {
  throw new Error("not written yet");
}

/** For `time`, `echo` and `chat`: no new sockets, no programs. */
export const DENIED_TO_BUILT_IN: readonly DeniedCall[] = [];
