/** Why sessions end and clients are refused, and what a signal did. */
import type { Signal } from "./signals.ts";

export const END_REASONS = [
  "quit",
  "client left",
  "client reset",
  "idle",
  "no first byte",
  "session too long",
  "ended by service",
  "service failed",
  "program ended",
  "program failed",
  "killed by operator",
  "killed by signal",
  "crashed",
  "stuck",
  "misbehaved",
  "server stopped",
] as const;

/** The one reason with which a session ends. */
export type EndReason = (typeof END_REASONS)[number];

/** A part of a session with its own deadline. */
export type Phase = "start" | "first byte" | "idle" | "session" | "leave";

/** What a signal did. */
export interface Receipt {
  by: string;
  /** The signals sent, in order. */
  sent: readonly Signal[];
  outcome: "gone" | "stopped" | "running" | "still there";
  /** Time since the first signal. */
  ms: number;
  /** Processes that the child had left behind, and that were killed before it counted as gone. */
  leftovers: number;
}

/**
 * Why a client was refused before a process was started for it, in the order
 * in which this is checked.
 */
export const REFUSE_REASONS = [
  "address not allowed",
  "source is penalized",
  "too many new clients from this source",
  "too many clients from this source",
  "too many clients",
  "out of descriptors",
  "no process could be started",
  "server is stopping",
] as const;

export type RefuseReason = (typeof REFUSE_REASONS)[number];
