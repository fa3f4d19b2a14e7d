import { createFloodDetector, FLOOD_POLL_INTERVAL_MS } from "./channel-flood.ts";
import type { Session } from "./table.ts";
import type { Phase } from "../../shared/outcome.ts";

/** How often (ms) it is looked. */
export const WATCHDOG_INTERVAL_MS = 1000;

/**
 * After a longer time (ms) than this between two looks the master was stopped: what the children have said
 * meanwhile is not heard yet, and none of them is late for that.
 */
const LATE = 2 * WATCHDOG_INTERVAL_MS;

/** A child has this long (ms) to begin to serve. It takes 6 ms, but a machine may be busy. */
const START = 20_000;

/**
 * When a deadline has come a child waits 10 s for its client to take its last replies, and lingers half a second
 * (serve-client.ts); then a service has 2 s for its last handler and 5 s for its leave (hosted.ts). The rest
 * is for a busy machine.
 */
const LEAVE = 20_000;

/** A child ends its session by itself when a deadline comes; the master so much later (ms). */
const SLACK = 5000;

/** Messages between two looks; a child that keeps to its ways sends 24 at the most. */
const MOST_MESSAGES = 500;

/** What a session should have done by now (`performance.now`): since when, in ms; null if all is well. */
export function overdue(session: Session, now: number): { phase: Phase; ms: number } | null {
  const { state, clock, deadlines, bytesIn } = session;
  const { firstByteTimeout, idleTimeout, maxSession } = deadlines;
  const age = now - clock.started;
  const idle = now - clock.active;
  const late = (phase: Phase, ms: number, deadline: number) =>
    ms > deadline ? { phase, ms } : null;
  if (state.name === "starting") return late("start", age, START);
  if (state.name === "leaving") return late("leave", idle, LEAVE);
  const slack = session.isProgram ? 0 : SLACK;
  const set = (deadline: number) => (deadline === 0 ? Number.POSITIVE_INFINITY : deadline + slack);
  return (
    late("session", age, set(maxSession)) ??
    late("first byte", bytesIn !== 0 ? 0 : age, set(firstByteTimeout)) ??
    late("idle", idle, set(idleTimeout))
  );
}

/** What is done about a child. */
export interface WatchdogActions {
  stuck(session: Session, phase: Phase, ms: number): void;
  misbehaved(session: Session, how: string): void;
}

/** Looks after all children from now on; gives the function that ends it. */
export function startWatchdog(
  sessions: ReadonlyMap<string, Session>,
  watching: WatchdogActions,
): () => void {
  const look = createWatchdog(watching);
  const glance = createFloodDetector(watching.misbehaved);
  const timers = [
    setInterval(() => look(sessions.values()), WATCHDOG_INTERVAL_MS),
    setInterval(() => glance(sessions.values()), FLOOD_POLL_INTERVAL_MS),
  ];
  return () => timers.forEach(clearInterval);
}

/** Gives the function that looks at all sessions, to be called each `LOOK`. */
export function createWatchdog(
  watching: WatchdogActions,
  lookedAt = performance.now(),
): (sessions: Iterable<Session>, now?: number) => void {
  return (sessions, now = performance.now()) => {
    const heldUp = now - lookedAt > LATE;
    lookedAt = now;
    for (const session of sessions) {
      if (session.messages > MOST_MESSAGES && !heldUp) {
        watching.misbehaved(session, `sent ${session.messages} messages in a second`);
      }
      session.messages = 0;
      if (isMute(session)) {
        if (session.mute) watching.misbehaved(session, "has closed its way to the master");
        session.mute = true;
      }
      if (heldUp || session.condemned !== null) continue;
      const late = overdue(session, now);
      if (late !== null) watching.stuck(session, late.phase, late.ms);
    }
  };
}

/** A child that ends is so for a moment; Bun itself closes the way to one that sends what is no message. */
function isMute({ process: child, isProgram }: Session): boolean {
  return !isProgram && !child.connected && child.exitCode === null && child.signalCode === null;
}
