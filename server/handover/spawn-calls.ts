/** Calls from the master to the thread that starts processes, and the replies. */
import type { Signal } from "../../shared/signals.ts";
import type { SandboxOutcome, SandboxPlan } from "../confine/sandbox.ts";
import type { ProcessOptions, ResourceUsage } from "./processes.ts";

/** `key` identifies a process, since another one may get its PID one day. */
export type SpawnCall =
  | { type: "confine"; plan: SandboxPlan }
  | { type: "start"; key: number; options: ProcessOptions }
  | { type: "kill"; key: number; signal: Signal };

export interface SpawnResults {
  confine: SandboxOutcome;
  /** `sockets`: the master's ends, which the master owns. */
  start: { pid: number; sockets: readonly number[] };
  /** False if the process has been reaped, or may not be signalled. */
  kill: boolean;
}

/** The error that the call threw. */
export interface CallError {
  name: string;
  message: string;
  code: string | null;
}

export type SpawnReply = { result: SpawnResults[SpawnCall["type"]] } | { error: CallError };

/** Sent by the thread when it has reaped a process. */
export interface ProcessExit {
  key: number;
  exitCode: number | null;
  signal: string | null;
  usage: ResourceUsage;
}

/**
 * The memory that the master and the thread share begins with two 32-bit numbers;
 * the reply follows, as JSON.
 */
export const STATE = 0;
export const REPLY_BYTES = 1;
export const HEADER_BYTES = 8;

/** The values of the first number: the master waits for a reply, or there is one. */
export const PENDING = 0;
export const REPLIED = 1;

/** A reply is short: PIDs and descriptors, or an error. */
export const SHARED_BYTES = 65_536;
