/**
 * When descriptors run out accepting pauses, and goes on by itself. Without that Bun would try to accept
 * again and again, with a whole processor, and nobody would be served any better (accept(2), EMFILE).
 */
import { asError } from "../../shared/as-error.ts";
import type { LogEvent } from "../../shared/log.ts";
import { readDescriptorLimit } from "../../shared/proc.ts";
import type { Listener } from "./accept.ts";
import { canOpenDescriptors } from "../os/descriptor-exhaustion.ts";
import type { DescriptorPassing } from "../os/descriptor-passing.ts";

/** Descriptors that there must be for accepting to go on: to start a process takes seven, to look some more. */
const RESERVE = 16;

/** How long (ms) a pause lasts before it is looked again, and how often it is looked whether one is needed. */
const PAUSE = 1000;

/** The lowest descriptor that is too many for a client. Bun has raised our limit to the highest allowed. */
export function maxClientDescriptor(): number {
  if (process.platform !== "linux") return Number.POSITIVE_INFINITY;
  return readDescriptorLimit() - RESERVE;
}

const REASON = "out of descriptors (ulimit -n)";

export interface Pause {
  /** Pauses accepting until there are descriptors again, unless it is paused already. */
  begin(): void;
  /** An operator's pause, which lasts until `resume`. Gives why it cannot be, or null. */
  pause(by: string): Error | null;
  /** Ends an operator's pause; where descriptors have run out accepting goes on by itself later. */
  resume(by: string): Error | null;
  state(): { state: "accepting" | "paused"; until: number | null; pausedBy: string | null };
  stop(): void;
}

export function createPause(
  listener: Listener,
  descriptors: DescriptorPassing | null,
  log: (event: LogEvent) => void,
): Pause {
  let begun = 0;
  /** Descriptors have run out: when it is looked again. */
  let until: number | null = null;
  let pausedBy: string | null = null;
  /** An operator has resumed while there were no descriptors. */
  let resumedBy: string | null = null;
  let isPaused = false;
  let timer: Timer | undefined;
  // Others than clients use descriptors too.
  const looking = setInterval(() => {
    if (until === null && pausedBy === null && !canOpenDescriptors(RESERVE)) begin();
  }, PAUSE);

  function begin(): void {
    if (until !== null) return;
    if (!isPaused) {
      const failed = pauseListener();
      if (failed === null) log({ event: "paused", reason: REASON, ms: PAUSE, by: null });
      else warn("paused", failed);
    }
    wait();
  }

  function pauseListener(): Error | null {
    begun = Date.now();
    const failed = attempt(() => {
      if (descriptors === null) throw new Error("no C library");
      listener.pause(descriptors.duplicate);
    });
    isPaused = failed === null;
    return failed;
  }

  function resumeListener(by: string | null): Error | null {
    const failed = attempt(listener.resume);
    if (failed !== null) return failed;
    isPaused = false;
    log({ event: "resumed", ms: Date.now() - begun, by });
    return null;
  }

  /** Where accepting cannot be paused Bun tries on by itself, and it is looked again. */
  function warn(what: string, error: Error): void {
    const message = `${REASON}, and accepting cannot be ${what}: ${String(error)}`;
    log({ event: "warning", message });
  }

  function wait(): void {
    until = Date.now() + PAUSE;
    timer = setTimeout(lookAgain, PAUSE);
  }

  function lookAgain(): void {
    if (!canOpenDescriptors(RESERVE)) return wait();
    if (pausedBy === null) {
      const failed = resumeListener(resumedBy);
      if (failed !== null) {
        warn("resumed", failed);
        return wait();
      }
    }
    resumedBy = null;
    until = null;
  }

  return {
    begin,
    pause(by) {
      if (pausedBy !== null) return null;
      if (!isPaused) {
        const failed = pauseListener();
        if (failed !== null) return failed;
      }
      pausedBy = by;
      resumedBy = null;
      log({ event: "paused", reason: `by ${by}`, ms: null, by });
      return null;
    },
    resume(by) {
      if (pausedBy === null) return null;
      if (until === null) {
        const failed = resumeListener(by);
        if (failed !== null) return failed;
      } else resumedBy = by;
      pausedBy = null;
      return null;
    },
    state: () => ({
      state: isPaused ? "paused" : "accepting",
      until: pausedBy === null ? until : null,
      pausedBy,
    }),
    stop() {
      clearTimeout(timer);
      clearInterval(looking);
    },
  };
}

function attempt(act: () => void): Error | null {
  try {
    act();
    return null;
  } catch (error) {
    return asError(error);
  }
}
