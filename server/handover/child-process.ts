/** A process that serves a client, as the master sees it. */
import type { Subprocess } from "bun";
import type { Channel } from "../channel/channel.ts";

/** How a child ended. `leftovers`: how many of the processes that it started had to be killed. */
export type Exit = [exitCode: number | null, signal: string | null, leftovers: number];

export interface ChildProcess {
  readonly pid: number;
  /** The user that it was started as. */
  readonly uid: number;
  /** Null for a program. */
  readonly channel: Channel | null;
  /** True once it has been reaped: its PID may be another process's by then. */
  readonly isReaped: boolean;
  kill(signal: NodeJS.Signals): void;
  /** What it and those it has waited for have used; null before it was reaped. */
  usage(): { cpuMs: number; maxResidentBytes: number } | null;
}

export function asChildProcess(
  process: Subprocess,
  uid: number,
  channel: Channel | null,
): ChildProcess {
  return {
    pid: process.pid,
    uid,
    channel,
    get isReaped() {
      return process.exitCode !== null || process.signalCode !== null;
    },
    kill: (signal) => process.kill(signal),
    usage() {
      const used = process.resourceUsage();
      if (used === undefined) return null;
      return { cpuMs: Number(used.cpuTime.total) / 1000, maxResidentBytes: used.maxRSS };
    },
  };
}
