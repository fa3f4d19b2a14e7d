/** Makes this process safe from its children, and the parent of what they leave behind. */
import { readAuxiliaryVector } from "../../shared/proc.ts";
import { openProcessCalls, type ProcessCalls } from "../os/process-calls.ts";

/**
 * Returns the system calls that are needed to end what children leave behind, or an error that says why this machine
 * lacks them.
 */
export function protectMaster(): ProcessCalls | Error {
  if (process.platform !== "linux") return new Error(`this is ${process.platform}, not Linux`);
  try {
    const calls = openProcessCalls();
    calls.disableCoreDumps();
    calls.becomeSubreaper();
    readAuxiliaryVector();
    calls.makeNonDumpable();
    return calls;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
