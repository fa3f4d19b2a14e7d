/**
 * What HUP means. To a program without a terminal: read the options again. To one whose terminal
 * was closed: end (signal(7), tty(4)), except under nohup.
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";

/**
 * Returns a function to call when HUP comes: it returns true if the program is to end because its
 * terminal was closed. Must be called at the start, before there is a listener for SIGHUP.
 */
export function watchTerminal(): () => boolean {
  const endsWithTerminal = hasTerminal() && !ignoresHangup();
  return () => endsWithTerminal && !hasTerminal();
}

/** Once a terminal was closed it cannot be opened, as if there had never been one. */
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

/** SIGHUP is the lowest bit of the mask in proc_pid_status(5). */
function ignoresHangup(): boolean {
  if (process.platform !== "linux") return false;
  const [, mask = "0"] =
    /^SigIgn:\s+([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
  return (Number.parseInt(mask.slice(-1), 16) & 1) === 1;
}
