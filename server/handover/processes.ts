/** Starts processes. */
import type { Subprocess } from "bun";
import type { Signal } from "../../shared/signals.ts";
import type { SandboxOutcome, SandboxPlan } from "../confine/sandbox.ts";
import { signalProcessGroup } from "../os/process-group.ts";

/** A process to start, in a session of its own (setsid(2)). */
export interface ProcessOptions {
  cmd: string[];
  cwd: string;
  env: Record<string, string>;
  /**
   * "ignore": /dev/null. A number: a descriptor, which the caller still owns. "pipe": output that
   * is read (index 1, 2). "socket-fd": a pair of sockets (index 3 and above).
   */
  stdio: ("ignore" | "pipe" | "socket-fd" | number)[];
  uid?: number;
  gid?: number;
  /** The directory of the control group to start it in. */
  cgroup?: string;
}

export interface StartedProcess {
  readonly pid: number;
  /** The ends of its pairs of sockets, which the caller owns, in the order of `stdio`. */
  readonly sockets: readonly number[];
  /** What it prints, for each "pipe" in `stdio`. */
  readonly outputs: readonly ReadableStream<Uint8Array>[];
  /** True once it has been reaped: its PID may be another process's by then. */
  readonly isReaped: boolean;
  /**
   * Sends a signal to it and to what it has started, as far as that is in its process group. The
   * thread that reaps the process sends it, and an unreaped process keeps its PID, so no other
   * process ever gets the signal.
   * @returns false if it has been reaped, or only processes of other users are left
   */
  kill(signal: Signal): boolean;
}

export interface ProcessExit {
  pid: number;
  exitCode: number | null;
  signal: string | null;
  usage: ResourceUsage;
}

/** What a process and those that it has waited for have used. */
export interface ResourceUsage {
  cpuMs: number;
  maxResidentBytes: number;
}

/**
 * `onExit` is called when the process has been reaped. @throws what Bun.spawn throws, with
 * a `code`: EAGAIN, ENOENT …
 */
export type StartProcess = (
  options: ProcessOptions,
  onExit: (exit: ProcessExit) => void,
) => StartedProcess;

export interface Processes {
  readonly start: StartProcess;
  /**
   * Confines what is started from now on. Returns the parts of the plan that this machine cannot
   * enforce. @throws if it can do less than before; then what is started stays confined as it was
   */
  confine(plan: SandboxPlan): SandboxOutcome;
  /** To be called when nothing more is to be started. */
  close(): void;
}

/** Starts a process in the thread that calls it, which reaps it. */
export const startProcess: StartProcess = ({ stdio, ...options }, onExit) => {
  const child = Bun.spawn({
    ...options,
    stdio: stdio as ["ignore", "pipe", "pipe"], // TypeScript takes three, and knows no "socket-fd"
    // On Ctrl-C in the master's terminal, the master decides what its children get.
    detached: true,
    lazy: true, // output is read only as fast as it is asked for
    onExit(ended, exitCode, signal) {
      const how = signal === null ? null : `${signal}`;
      onExit({ pid: ended.pid, exitCode, signal: how, usage: usageOf(ended) });
    },
  });
  const isReaped = () => child.exitCode !== null || child.signalCode !== null;

  return {
    pid: child.pid,
    sockets: stdio.flatMap((entry, index) =>
      entry === "socket-fd" ? [child.stdio[index] as number] : [],
    ),
    outputs: stdio.flatMap((entry, index) =>
      entry === "pipe" ? [index === 1 ? child.stdout : child.stderr] : [],
    ),
    get isReaped() {
      return isReaped();
    },
    kill: (signal) => !isReaped() && signalProcessGroup(child.pid, signal),
  };
};

function usageOf(ended: Subprocess): ResourceUsage {
  const used = ended.resourceUsage();
  return {
    cpuMs: Number(used?.cpuTime.total ?? 0) / 1000,
    maxResidentBytes: used?.maxRSS ?? 0,
  };
}
