/** Whether this process, or the system, has run out of descriptors. */
import { closeSync, openSync } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";

/**
 * Returns true for an error that says that no descriptor is left, here (EMFILE)
 * or in the system (ENFILE).
 */
export function isDescriptorExhaustion(error: unknown): boolean {
  const code = errorCode(error);
  return code === "EMFILE" || code === "ENFILE";
}

/**
 * Returns true if `count` more descriptors can be opened. Trying is the only way to find out.
 * @throws if /dev/null cannot be opened for another reason.
 */
export function canOpenDescriptors(count: number): boolean {
  const opened: number[] = [];
  try {
    while (opened.length < count) opened.push(openSync("/dev/null", "r"));
    return true;
  } catch (error) {
    if (isDescriptorExhaustion(error)) return false;
    throw error;
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}
