/** The kernel's number of the calling thread (gettid(2)), which is also a PID as far as signals are concerned. */
import { SystemCallError, openSystemCalls } from "./system-calls.ts";

const GETTID = process.arch === "arm64" ? 178 : 186;

export function threadId(): number {
  const id = openSystemCalls().call(GETTID);
  if (id instanceof SystemCallError) throw new Error(`gettid: ${id.code}`);
  return id;
}
