/**
 * How a child's memory is limited: by the kernel (memory-cgroup.ts) or by the
 * master (memory-polling.ts).
 */

import type { Signal } from "../../shared/signals.ts";

/** A child whose memory is limited. */
export interface LimitedProcess {
  readonly pid: number;
  kill(signal: Signal): void;
}

export interface MemoryLimit {
  /** Prepares the limit for one child. @throws an error with a `code` if it cannot */
  newSlot(): MemorySlot;
  /** To be called when the last child has ended. Resolves when nothing is left of the limit. */
  close(): Promise<void>;
}

/** The limit of one child. */
export interface MemorySlot {
  /** Options for Bun.spawn. */
  readonly spawn: { cgroup?: string };
  /** The child has been started. */
  assign(child: LimitedProcess): void;
  /** The child has ended, or could not be started. */
  release(): void;
}
