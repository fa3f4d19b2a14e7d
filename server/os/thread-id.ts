/** The kernel's number of the calling thread (gettid(2)), which is also a PID as far as signals are concerned. */
import { SystemCallError, openSystemCalls } from "./system-calls.ts";

export function threadId(): number {
  const id = openSystemCalls().call("gettid");
  if (id instanceof SystemCallError) throw new Error(`gettid: ${id.code}`);
  return id;
}
