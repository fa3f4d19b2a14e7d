/**
 * What HUP means: to a program without a terminal, read your options again; to one in a terminal that was
 * closed, end (signal(7), tty(4)); and to one under nohup the latter nothing.
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";

/** Gives a function that says, when HUP comes, whether it is the terminal's end. To be called at the start. */
export function watchHangup(): () => boolean {
  const mayEnd = hasTerminal() && !ignoresHangup();
  return () => mayEnd && !hasTerminal();
}

/** After a hangup the terminal cannot be opened any more, as if there had never been one. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENXIO" || code === "EIO" || code === "ENOENT") return false;
    throw error;
  }
}

/** SIGHUP is the lowest bit of the mask in proc_pid_status(5); our own handler comes later. */
function ignoresHangup(): boolean {
  if (process.platform !== "linux") return false;
  const [, mask = "0"] =
    /^SigIgn:\s+([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
  return (Number.parseInt(mask.slice(-1), 16) & 1) === 1;
}
