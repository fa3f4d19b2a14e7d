/** The kernel's ID of the calling thread (gettid(2)), which signals accept as a PID. */
import { SystemCallError, openSystemCalls } from "./system-calls.ts";

export function threadId(): number {
  const id = openSystemCalls().call("gettid");
  if (id instanceof SystemCallError) throw new Error(`gettid: ${id.code}`);
  return id;
}
