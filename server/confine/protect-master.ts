/** Makes this process safe from its children, and the parent of what they leave behind. */
import { readAuxiliaryVector } from "../../shared/proc.ts";
import { makeNonDumpable } from "../os/dumpable.ts";
import { openProcessCalls, type ProcessCalls } from "../os/process-calls.ts";

/**
 * Returns the system calls that are needed to end what children leave behind, or an error that says
 * why this machine lacks them.
 */
export function protectMaster(): ProcessCalls | Error {
  if (process.platform !== "linux") return new Error(`this is ${process.platform}, not Linux`);
  try {
    const calls = openProcessCalls();
    calls.disableCoreDumps();
    calls.becomeSubreaper();
    readAuxiliaryVector();
    const outcome = makeNonDumpable();
    return outcome.ok ? calls : new Error(`PR_SET_DUMPABLE: ${outcome.reason}`);
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
