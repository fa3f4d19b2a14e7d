/**
 * Pauses the listener when descriptors run out or an operator says so, and resumes it;
 * pause-state.ts decides when. Without descriptors Bun would try to accept again and again, which
 * takes a whole CPU and serves nobody (accept(2), EMFILE).
 */
import { asError } from "../../shared/as-error.ts";
import type { LogEvent } from "../../shared/log.ts";
import type { MasterStatus } from "../../shared/master.ts";
import { readDescriptorLimit } from "../../shared/proc.ts";
import { canOpenDescriptors } from "../os/descriptor-exhaustion.ts";
import type { Listener } from "./accept.ts";
import {
  ACCEPTING,
  isListening,
  next,
  type PauseEvent,
  type PauseState,
  pauseStatus,
} from "./pause-state.ts";

/**
 * Descriptors that clients must leave free: starting a process takes
 * seven, reading /proc some more.
 */
const RESERVED_DESCRIPTORS = 16;

/** Time between two checks for free descriptors: not only clients use them. */
const CHECK_INTERVAL_MS = 1000;

const REASON = "out of descriptors (ulimit -n)";

export interface Pause {
  /** Pauses until there are descriptors again. */
  onExhausted(): void;
  /** Pauses until an operator resumes. Returns why it cannot, or null. */
  pause(by: string): Error | null;
  /**
   * Ends an operator's pause, though not before there are descriptors.
   * Returns why it cannot, or null.
   */
  resume(by: string): Error | null;
  status(): Pick<MasterStatus, "state" | "until" | "pausedBy">;
  /** Closes the listener. */
  stop(): void;
}

/**
 * Returns the lowest descriptor that is too high for a client. Bun has raised
 * our limit to the hard limit.
 */
export function firstReservedDescriptor(): number {
  if (process.platform !== "linux") return Number.POSITIVE_INFINITY;
  return readDescriptorLimit() - RESERVED_DESCRIPTORS;
}

/** Takes ownership of `listener`. */
export function createPause(listener: Listener, log: (event: LogEvent) => void): Pause {
  let state = ACCEPTING;
  let pausedAtMs = 0;
  let timer = setTimeout(check, CHECK_INTERVAL_MS);

  function check(): void {
    const isAvailable = canOpenDescriptors(RESERVED_DESCRIPTORS);
    moveOrWarn({ type: "checked", isAvailable, retryAt: Date.now() + CHECK_INTERVAL_MS });
    restartTimer();
  }

  function restartTimer(): void {
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_INTERVAL_MS);
  }

  function moveOrWarn(event: Extract<PauseEvent, { retryAt: number }>): void {
    const what = isListening(state) ? "paused" : "resumed";
    const error = move(event);
    if (error === null) return;
    const message = `${REASON}, and accepting cannot be ${what}: ${String(error)}`;
    log({ event: "warning", message });
    move({ type: "failed", retryAt: event.retryAt });
  }

  /**
   * Moves to the next state. Returns an error, and stays in this state, if
   * the listener cannot follow.
   */
  function move(event: PauseEvent): Error | null {
    const before = state;
    const after = next(before, event);
    try {
      if (isListening(before) && !isListening(after)) {
        listener.pause();
        pausedAtMs = performance.now();
      } else if (!isListening(before) && isListening(after)) {
        listener.resume();
      }
    } catch (error) {
      return asError(error);
    }
    state = after;
    const entry = logEventFor(before, event, after, performance.now() - pausedAtMs);
    if (entry !== null) log(entry);
    return null;
  }

  return {
    onExhausted() {
      const before = state;
      moveOrWarn({ type: "exhausted", retryAt: Date.now() + CHECK_INTERVAL_MS });
      if (state !== before) restartTimer();
    },
    pause: (by) => move({ type: "pause", by }),
    resume: (by) => move({ type: "resume", by }),
    status: () => pauseStatus(state),
    stop() {
      clearTimeout(timer);
      listener.stop();
    },
  };
}

/** Returns what to log of a change; null if nothing. */
function logEventFor(
  before: PauseState,
  event: PauseEvent,
  after: PauseState,
  pausedMs: number,
): LogEvent | null {
  if (after === before) return null;
  if (event.type === "pause") {
    return { event: "paused", reason: `by ${event.by}`, ms: null, by: event.by };
  }
  if (isListening(before) === isListening(after)) return null;
  if (!isListening(after)) {
    return { event: "paused", reason: REASON, ms: CHECK_INTERVAL_MS, by: null };
  }
  const earlier = before.name === "exhausted" ? before.resumedBy : null;
  return { event: "resumed", ms: pausedMs, by: event.type === "resume" ? event.by : earlier };
}
