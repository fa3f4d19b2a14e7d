/** Programs that the bench starts: each ends with all that it has started, however the bench ends. */
import { errorCode } from "../../shared/error-code.ts";

/** How long (ms) a program may take to end by itself; then it is killed. */
const GRACE = 10_000;

export interface Program extends AsyncDisposable {
  readonly pid: number;
  readonly stdout: ReadableStream<Uint8Array>;
  /** True once it has ended. */
  readonly ended: boolean;
}

/** Starts a program in a process group of its own, by which its children are found at its end. */
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
      const late = setTimeout(killGroup, GRACE, child.pid);
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
