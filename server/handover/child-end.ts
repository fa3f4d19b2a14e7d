/** Finds out when a child has ended: three things have to happen first, in any order. */
import type { Output } from "./output.ts";

/** Calls `onEnded` when the child was reaped, its channel was closed, and the last of its output was read. */
export function createChildEnd(onEnded: (exitCode: number | null, signal: string | null) => void) {
  let exit: [exitCode: number | null, signal: string | null] | undefined;
  let isDisconnected = false;
  let output: Output | undefined;

  async function endIfComplete(): Promise<void> {
    if (exit === undefined || !isDisconnected) return;
    // A child without output must be reaped in this turn, not in a later one.
    if (output !== undefined) await output.finish();
    onEnded(...exit);
  }

  return {
    waitFor(childOutput: Output) {
      output = childOutput;
    },
    onExited(exitCode: number | null, signal: string | null) {
      exit = [exitCode, signal];
      void endIfComplete();
    },
    onDisconnected() {
      isDisconnected = true;
      void endIfComplete();
    },
  };
}
