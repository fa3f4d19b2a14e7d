/** Calls from the master to the thread that starts processes, and the replies. */
import type { Signal } from "../../shared/signals.ts";
import type { SandboxOutcome, SandboxPlan } from "../confine/sandbox.ts";
import type { ProcessExit, ProcessOptions } from "./processes.ts";

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
export type ProcessReaped = ProcessExit & { key: number };

/**
 * The memory that the master and the thread share begins with three 32-bit numbers, at these
 * indexes: whether there is a reply, how many bytes it has, and the thread's ID (gettid(2)), which
 * is 0 before it has started. The reply follows, as JSON.
 */
export const STATE_INDEX = 0;
export const REPLY_BYTES_INDEX = 1;
export const THREAD_ID_INDEX = 2;
export const HEADER_BYTES = 12;

/** The values of the first number. */
export const PENDING = 0;
export const REPLIED = 1;

/** A reply is short: PIDs and descriptors, or an error. */
export const SHARED_BYTES = 65_536;
