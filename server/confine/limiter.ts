/**
 * A child sets its own limits, in a shell that then executes the child. That takes a millisecond,
 * and is left out without limits. The master could set them from outside with prlimit(2), but for a
 * child of another user it would need CAP_SYS_RESOURCE, which root in a container does not have.
 */
import type { ConfineOptions } from "../options/confine-flags.ts";

/** The unit of a shell's `ulimit -f` in POSIX. */
const ULIMIT_BLOCK_BYTES = 512;

/** Processor time from the first SIGXCPU, which a program can ignore, to SIGKILL. */
const CPU_GRACE_SECONDS = 2;

/**
 * Returns a command that sets the limits and then executes its arguments; empty without limits.
 * `limitsProcesses`: each child limits its processes, because the master cannot.
 */
export function limiterCommand(
  { maxFiles, cpuSeconds, maxProcesses, maxFileBytes }: ConfineOptions,
  limitsProcesses: boolean,
): string[] {
  const limits: string[] = [];
  // bash calls the option -u, dash and BusyBox -p.
  if (maxProcesses !== null && limitsProcesses) {
    limits.push(`{ ulimit -u ${maxProcesses} 2>/dev/null || ulimit -p ${maxProcesses}; }`);
  }
  if (maxFileBytes !== null)
    limits.push(`ulimit -f ${Math.ceil(maxFileBytes / ULIMIT_BLOCK_BYTES)}`);
  if (maxFiles !== null) limits.push(`ulimit -n ${maxFiles}`);
  if (cpuSeconds !== null) {
    limits.push(`ulimit -S -t ${cpuSeconds}`, `ulimit -H -t ${cpuSeconds + CPU_GRACE_SECONDS}`);
  }
  if (limits.length === 0) return [];
  return ["/bin/sh", "-c", `${limits.join(" && ")} && exec "$0" "$@"`];
}
