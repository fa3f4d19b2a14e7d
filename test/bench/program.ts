/**
 * Programs the benchmark starts: each ends with everything it has started,
 * however the benchmark ends.
 */
import { errorCode } from "../../shared/error-code.ts";

/** How long a program may take to exit after TERM. */
const KILL_GRACE_MS = 10_000;

export interface Program extends AsyncDisposable {
  readonly pid: number;
  readonly stdout: ReadableStream<Uint8Array>;
  /** True once it has exited. */
  readonly ended: boolean;
}

/** Starts a program in its own process group, by which its children are found when it exits. */
export function startProgram(cmd: readonly string[], cwd: string): Program {
  const child = Bun.spawn({
    cmd: [...cmd],
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  return {
    pid: child.pid,
    stdout: child.stdout,
    get ended() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const late = setTimeout(killGroup, KILL_GRACE_MS, child.pid);
      await child.exited;
      clearTimeout(late);
      killGroup(child.pid); // what it left behind
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
