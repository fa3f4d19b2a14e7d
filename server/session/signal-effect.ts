/** Waits for what a signal does to a child. */
import type { Receipt } from "../../shared/outcome.ts";
import { readUsage } from "../../shared/proc.ts";
import { isTerminating, type Signal } from "../../shared/signals.ts";
import type { Session } from "./session.ts";

/**
 * How long a signal may take to have its effect, unless a kill request gives the child more time.
 */
export const EFFECT_TIMEOUT_MS = 1000;

/** How often a child is checked for having stopped or continued. */
const POLL_INTERVAL_MS = 5;

/** The kernel's letter for a stopped process, proc_pid_stat(5). */
const STOPPED = "T";

/**
 * Resolves when the signal has done what it is for, or after `timeoutMs`; for
 * STOP and CONT after a second.
 */
export async function waitForEffect(
  session: Session,
  signal: Signal,
  timeoutMs: number,
): Promise<Receipt["outcome"]> {
  const waiting = new AbortController();
  const outcome = await Promise.race([
    session.ended.promise.then(() => "gone" as const),
    isTerminating(signal)
      ? timeout(timeoutMs, waiting.signal)
      : waitForRunState(session.child.pid, signal, waiting.signal),
  ]);
  waiting.abort();
  return outcome;
}

function timeout(ms: number, cancelled: AbortSignal): Promise<"still there"> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms, "still there");
    cancelled.addEventListener("abort", () => clearTimeout(timer));
  });
}

/**
 * Of the signals that do not end a process, only the effect of STOP and CONT
 * can be seen from outside.
 */
async function waitForRunState(
  pid: number,
  signal: Signal,
  cancelled: AbortSignal,
): Promise<"stopped" | "running" | "still there"> {
  const deadlineMs = performance.now() + EFFECT_TIMEOUT_MS;
  while (performance.now() < deadlineMs && !cancelled.aborted) {
    const state = process.platform === "linux" ? readUsage(pid)?.state : undefined;
    if (signal === "STOP" && state === STOPPED) return "stopped";
    if (signal === "CONT" && state !== STOPPED) return "running";
    await Bun.sleep(POLL_INTERVAL_MS);
  }
  return "still there";
}
