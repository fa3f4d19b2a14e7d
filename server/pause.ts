/**
 * When descriptors run out accepting pauses, and goes on by itself. Without that Bun would try to accept
 * again and again, with a whole processor, and nobody would be served any better (accept(2), EMFILE).
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import type { LogEvent } from "../shared/log.ts";
import type { Listener } from "./accept.ts";
import type { Descriptors } from "./descriptors.ts";

/** Descriptors that there must be for accepting to go on: to start a process takes seven, to look some more. */
const RESERVE = 16;

/** How long (ms) a pause lasts before it is looked again, and how often it is looked whether one is needed. */
const PAUSE = 1000;

/** The lowest descriptor that is too many for a client. Bun has raised our limit to the highest allowed. */
export function mostDescriptors(): number {
  if (process.platform !== "linux") return Number.POSITIVE_INFINITY;
  const limits = readFileSync("/proc/self/limits", "latin1");
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft) - RESERVE;
}

const REASON = "no descriptors left (ulimit -n)";

export interface Pause {
  /** Pauses accepting, unless it is paused already. */
  begin(): void;
  /** When it is looked again, in ms since the epoch; null: accepting goes on. */
  readonly until: number | null;
  stop(): void;
}

export function pausing(
  listener: Listener,
  descriptors: Descriptors | null,
  log: (event: LogEvent) => void,
): Pause {
  let begun = 0;
  let until: number | null = null;
  let timer: Timer | undefined;
  // Others than clients use descriptors too.
  const looking = setInterval(() => {
    if (until === null && !isRoom()) begin();
  }, PAUSE);

  function begin(): void {
    if (until !== null) return;
    begun = Date.now();
    attempt("paused", () => {
      if (descriptors === null) throw new Error("no C library");
      listener.pause(descriptors.duplicate);
      log({ event: "paused", reason: REASON, ms: PAUSE });
    });
    wait();
  }

  /** Where it cannot be done Bun tries on by itself, and it is looked again; false then. */
  function attempt(what: string, act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      const message = `${REASON}, and accepting cannot be ${what}: ${String(error)}`;
      log({ event: "warning", message });
      return false;
    }
  }

  function wait(): void {
    until = Date.now() + PAUSE;
    timer = setTimeout(lookAgain, PAUSE);
  }

  function lookAgain(): void {
    if (!isRoom() || !attempt("resumed", listener.resume)) return wait();
    until = null;
    log({ event: "resumed", ms: Date.now() - begun });
  }

  return {
    begin,
    get until() {
      return until;
    },
    stop() {
      clearTimeout(timer);
      clearInterval(looking);
    },
  };
}

/** True if the reserve is there. Nothing but the attempt tells, in whatever way they are used up. */
function isRoom(): boolean {
  const taken: number[] = [];
  try {
    while (taken.length < RESERVE) taken.push(openSync("/dev/null", "r"));
    return true;
  } catch (error) {
    if (isExhaustion(error)) return false;
    throw error;
  } finally {
    for (const fd of taken) closeSync(fd);
  }
}

/** True of an error that says that this process, or the system, has no descriptor left. */
export function isExhaustion(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return code === "EMFILE" || code === "ENFILE";
}
