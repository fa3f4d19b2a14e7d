/**
 * Every signal that a child gets: an operator's, with KILL after TERM and a receipt of what they
 * did, and those of the master itself. Each goes to the child's process group, so to what the
 * child has started as well.
 */
import type { LogEvent } from "../../shared/log.ts";
import type { KillRequest } from "../../shared/master.ts";
import type { Phase, Receipt } from "../../shared/outcome.ts";
import { isTerminating, KILL_GRACE_MS, type Signal } from "../../shared/signals.ts";
import { startTicksOf } from "../os/descendants.ts";
import { identityOf, type Session } from "./session.ts";
import { EFFECT_TIMEOUT_MS, waitForEffect } from "./signal-effect.ts";

type Log = (event: LogEvent) => void;

/**
 * Sends a signal to the session's process group.
 *
 * Never to another process that has the child's PID by now: the process with this PID started when
 * ours did, and `kill` itself checks that ours has not been reaped.
 * @returns false if the child has gone.
 */
export function sendSignal(session: Session, signal: Signal): boolean {
  const { process: child, pid, startTicks } = session.child;
  if (child.isReaped) return false;
  const ticksNow = startTicksOf(pid);
  if (startTicks !== "unknown" && ticksNow !== "unknown" && ticksNow !== startTicks) return false;
  return child.kill(signal);
}

/**
 * Sends the signal that is asked for and, if the request has a grace and the child
 * outlives it, KILL after that.
 * @returns what the signals did, resolved when it is known; null if the child has gone.
 */
export function killSession(
  session: Session,
  request: KillRequest,
  log: Log,
): Promise<Receipt> | null {
  const sentAtMs = performance.now();
  if (!sendLogged(session, request.signal, request, log)) return null;
  return followUp(session, request, sentAtMs, log);
}

/**
 * Ends a child that has missed a deadline: TERM, then KILL. `ms`: for how
 * long it has been in `phase`.
 */
export function endOverdue(session: Session, phase: Phase, ms: number, log: Log): void {
  // A program has no deadline of its own to miss: the master enforces --max-session for it.
  session.signals.terminationCause = session.isProgram ? "session too long" : "stuck";
  log({ event: "overdue", phase, ms, ...identityOf(session) });
  const request = { signal: "TERM", by: "the master", graceMs: KILL_GRACE_MS, job: null } as const;
  void killSession(session, request, log);
}

/**
 * Kills a child that abuses its channel: it was taken over, or is broken.
 * @param offence what it did, as the log says after its PID
 */
export function killMisbehaving(session: Session, offence: string, log: Log): void {
  if (session.signals.terminationCause === "misbehaved") return;
  session.signals.terminationCause = "misbehaved";
  log({ event: "warning", message: `PID ${session.child.pid} ${offence}: killed` });
  sendSignal(session, "KILL");
  session.child.process.channel?.close(); // nothing more is read from it
}

function sendLogged(session: Session, signal: Signal, { by, job }: KillRequest, log: Log): boolean {
  if (!sendSignal(session, signal)) return false;
  const { signals } = session;
  if (signals.terminationCause === null) signals.fromOperator.push(signal);
  log({ event: "signal sent", signal, by, job, ...identityOf(session) });
  return true;
}

async function followUp(
  session: Session,
  request: KillRequest,
  sentAtMs: number,
  log: Log,
): Promise<Receipt> {
  const { signal, by, job } = request;
  const graceMs = isTerminating(signal) ? request.graceMs : null;
  const sent = [signal];
  let outcome = await waitForEffect(session, signal, graceMs ?? EFFECT_TIMEOUT_MS);
  if (outcome === "still there" && graceMs !== null) {
    sent.push("KILL");
    sendLogged(session, "KILL", request, log);
    outcome = await waitForEffect(session, "KILL", EFFECT_TIMEOUT_MS);
  }
  const leftovers = outcome === "gone" ? (await session.ended.promise).leftovers : 0;
  const receipt = { by, sent, outcome, ms: performance.now() - sentAtMs, leftovers };
  log({ event: "signal outcome", job, ...identityOf(session), ...receipt });
  return receipt;
}
