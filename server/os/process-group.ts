/** Signals to a process group. */
import { errorCode } from "../../shared/error-code.ts";
import type { Signal } from "../../shared/signals.ts";

/**
 * Sends a signal to each process of a group.
 * @returns false if no process of it may be signalled: none is left, or a setuid
 * program runs as another user.
 */
export function signalProcessGroup(groupId: number, signal: Signal): boolean {
  try {
    process.kill(-groupId, `SIG${signal}`);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === "ESRCH" || code === "EPERM") return false;
    throw error;
  }
}
