/**
 * Signals to a child and to whatever it has started: its process group. What was asked for, and what
 * became of it, is a receipt.
 */
import { errorCode } from "../../shared/error-code.ts";
import type { LogEvent } from "../../shared/log.ts";
import type { KillRequest } from "../../shared/master.ts";
import { readUsage } from "../../shared/proc.ts";
import { isTerminating, type Signal } from "../../shared/signals.ts";
import {
  descendantsOf,
  killAll,
  type ProcessId,
  MAX_DESCENDANTS_FOR_MASTER,
  startTicksOf,
} from "../os/descendants.ts";
import { type Session, identityOf } from "./table.ts";
import type { Receipt } from "../../shared/outcome.ts";

/** How long (ms) it is watched what a signal does. */
const WATCH = 1000;

/** The kernel's letter for a stopped process. */
const STOPPED = "T";

/**
 * Sends a signal to the session's process group; false if its process has gone, whatever has its pid by
 * now. A process that was not reaped keeps its pid; that ours was not is known twice over: Bun, which
 * alone reaps it, says so, and the process by this pid started when ours did.
 */
export function sendSignal(session: Session, signal: Signal): boolean {
  const { process: child, pid, startTicks } = session;
  if (child.exitCode !== null || child.signalCode !== null) return false;
  const now = startTicksOf(pid);
  if (startTicks !== "unknown" && now !== "unknown" && now !== startTicks) return false;
  // Below a process that has gone nobody is found any more.
  if (session.startsProcesses && isTerminating(signal))
    session.below.push(...descendantsOf(pid, MAX_DESCENDANTS_FOR_MASTER));
  return sendToGroup(pid, signal);
}

/** How long (ms) what ran below a child may take to end when that has gone and their terminal was hung up. */
const GOODBYE = 500;

/** Ends those that ran below a child when it was told to end, in whatever group: settles when they were. */
export async function endDescendants(below: readonly ProcessId[]): Promise<void> {
  await Bun.sleep(GOODBYE);
  killAll(below);
}

/**
 * Ends what a child that was just reaped has left behind in its group. While there is anything in it, the
 * kernel gives the group's number to no other.
 */
export function killProcessGroup(pid: number): void {
  sendToGroup(pid, "KILL");
}

function sendToGroup(pid: number, signal: Signal): boolean {
  try {
    process.kill(-pid, `SIG${signal}`);
    return true;
  } catch (error) {
    const code = errorCode(error);
    // Nobody is left, or none but those whom a setuid program has made another's.
    if (code === "ESRCH" || code === "EPERM") return false;
    throw error;
  }
}

/**
 * Sends what is wanted and, where the order has a grace that the child outlives, KILL after it.
 * @returns what became of it; null if the child has gone.
 */
export function killSession(
  session: Session,
  wanted: KillRequest,
  log: (event: LogEvent) => void,
): Promise<Receipt> | null {
  const sentAt = performance.now();
  return send(session, wanted.signal, wanted, log) ? follow(session, wanted, sentAt, log) : null;
}

function send(
  session: Session,
  signal: Signal,
  { by, job }: KillRequest,
  log: (event: LogEvent) => void,
): boolean {
  if (!sendSignal(session, signal)) return false;
  // What the master sends by itself is no deed of the operator's.
  if (session.condemned === null) session.sent.push(signal);
  log({ event: "signal sent", signal, by, job, ...identityOf(session) });
  return true;
}

async function follow(
  session: Session,
  wanted: KillRequest,
  sentAt: number,
  log: (event: LogEvent) => void,
): Promise<Receipt> {
  const { signal, by, graceMs, job } = wanted;
  const sent = [signal];
  let outcome = await watch(
    session,
    signal,
    isTerminating(signal) && graceMs !== null ? graceMs : WATCH,
  );
  if (outcome === "still there" && isTerminating(signal) && graceMs !== null) {
    sent.push("KILL");
    send(session, "KILL", wanted, log);
    outcome = await watch(session, "KILL", WATCH);
  }
  const receipt = { by, sent, outcome, ms: performance.now() - sentAt };
  log({ event: "signal outcome", job, ...identityOf(session), ...receipt });
  return receipt;
}

/** Waits until the signal has done what it is for, `ms` at the most. */
async function watch(session: Session, signal: Signal, ms: number): Promise<Receipt["outcome"]> {
  const watching = new AbortController();
  const outcome = await Promise.race([
    session.ended.promise.then(() => "gone" as const),
    isTerminating(signal)
      ? sleep(ms, watching.signal)
      : settled(session.pid, signal, watching.signal),
  ]);
  watching.abort();
  return outcome;
}

function sleep(ms: number, until: AbortSignal): Promise<"still there"> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms, "still there");
    until.addEventListener("abort", () => clearTimeout(timer));
  });
}

/** What can be seen of a process that goes on living. */
async function settled(
  pid: number,
  signal: Signal,
  until: AbortSignal,
): Promise<"stopped" | "running" | "still there"> {
  const deadline = performance.now() + WATCH;
  while (performance.now() < deadline && !until.aborted) {
    const state = process.platform === "linux" ? readUsage(pid)?.state : undefined;
    if (signal === "STOP" && state === STOPPED) return "stopped";
    if (signal === "CONT" && state !== STOPPED) return "running";
    await Bun.sleep(5);
  }
  return "still there";
}
