/**
 * Checks the children once a second. Each enforces its own deadlines; the watchdog ends a child
 * that cannot, because it loops or was stopped, and one that has closed its channel to the master.
 */
import type { Phase } from "../../shared/outcome.ts";
import type { Session } from "./session.ts";

export const WATCHDOG_INTERVAL_MS = 1000;

/**
 * After a longer time between two checks the master itself was held up: it has not read what the
 * children have sent meanwhile, so no child is late.
 */
const HELD_UP_AFTER_MS = 2 * WATCHDOG_INTERVAL_MS;

/** How long a child may take to begin to serve. It needs 6 ms, but the machine may be busy. */
const START_TIMEOUT_MS = 20_000;

/**
 * How long a child may take to leave. When a deadline passes, it waits 10 s for its client to take
 * the last replies, and lingers half a second (server/child/); then a service has 2 s for its last
 * handler and 5 s for its leave (hosted.ts). The rest is for a busy machine.
 */
const LEAVE_TIMEOUT_MS = 20_000;

/** How much later than a child the master enforces the child's deadline. */
const DEADLINE_SLACK_MS = 5000;

/**
 * Returns the phase in which the session has stayed too long, and for how many ms; null if it is on
 * time. `nowMs`: of `performance.now`.
 */
export function overdue(session: Session, nowMs: number): { phase: Phase; ms: number } | null {
  const { state, deadlines, reported } = session;
  const { firstByteTimeoutMs, idleTimeoutMs, maxSessionMs } = deadlines;
  const ageMs = nowMs - session.startedMonotonicMs;
  const idleMs = nowMs - reported.lastActiveMonotonicMs;
  const late = (phase: Phase, ms: number, deadlineMs: number) =>
    ms > deadlineMs ? { phase, ms } : null;
  if (state.name === "starting") return late("start", ageMs, START_TIMEOUT_MS);
  if (state.name === "leaving") return late("leave", idleMs, LEAVE_TIMEOUT_MS);
  const slackMs = session.isProgram ? 0 : DEADLINE_SLACK_MS;
  const withSlack = (deadlineMs: number) =>
    deadlineMs === 0 ? Number.POSITIVE_INFINITY : deadlineMs + slackMs;
  return (
    late("session", ageMs, withSlack(maxSessionMs)) ??
    late("first byte", reported.bytesIn === 0 ? ageMs : 0, withSlack(firstByteTimeoutMs)) ??
    late("idle", idleMs, withSlack(idleTimeoutMs))
  );
}

/** What the watchdog does about a child. */
export interface WatchdogActions {
  overdue(session: Session, phase: Phase, ms: number): void;
  /** `offence`: what the child did, as the log says after its PID. */
  misbehaved(session: Session, offence: string): void;
}

/** Checks all sessions from now on. Returns the function that stops it. */
export function startWatchdog(
  sessions: ReadonlyMap<string, Session>,
  actions: WatchdogActions,
): () => void {
  const check = createWatchdog(actions);
  const timer = setInterval(() => check(sessions.values()), WATCHDOG_INTERVAL_MS);
  return () => clearInterval(timer);
}

/** Returns the function that checks all sessions, to be called every `WATCHDOG_INTERVAL_MS`. */
export function createWatchdog(
  actions: WatchdogActions,
  startedMs = performance.now(),
): (sessions: Iterable<Session>, nowMs?: number) => void {
  let checkedMs = startedMs;
  return (sessions, nowMs = performance.now()) => {
    const wasHeldUp = nowMs - checkedMs > HELD_UP_AFTER_MS;
    checkedMs = nowMs;
    for (const session of sessions) {
      checkConnection(session, actions);
      if (wasHeldUp || session.signals.terminationCause !== null) continue;
      const late = overdue(session, nowMs);
      if (late !== null) actions.overdue(session, late.phase, late.ms);
    }
  };
}

/**
 * A child that ends closes its channel a moment before it is reaped, so it is ended
 * at the second check only.
 */
function checkConnection(session: Session, actions: WatchdogActions): void {
  const { channel, isReaped } = session.child.process;
  if (channel === null || channel.isOpen || isReaped) return;
  const { watchdog } = session;
  if (watchdog.wasDisconnected) actions.misbehaved(session, "closed its channel to the master");
  watchdog.wasDisconnected = true;
}
