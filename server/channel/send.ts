/** A child's end of the channel. */
import type { ChildMessage } from "./messages.ts";

/**
 * Sends a message to the master. If the master has died it is dropped: the child carries on alone.
 *
 * Messages are few and small, so the kernel takes each of them immediately, and none is lost if the process exits right
 * after it. Asking `process.send` to call back when that is done costs each client another millisecond.
 */
export function sendToMaster(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}
