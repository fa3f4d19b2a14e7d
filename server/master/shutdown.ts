/**
 * How the master ends: it accepts nobody any more, lets the live clients finish for a while, asks their
 * children to end, and kills those that do not. Each signal to the master after the first one hurries it
 * to the next step.
 *
 *     draining → asked (TERM) → killed
 */
import type { LogEvent } from "../../shared/log.ts";
import { KILL_GRACE_MS, type Signal } from "../../shared/signals.ts";
import { sendSignal } from "../session/kill.ts";
import type { Session } from "../session/session.ts";

/** How often (ms) the log tells how many are left. */
const TELL = 5000;

export interface Shutdown {
  /** When the drain ends at the latest, in ms since the epoch; null when it is over. */
  readonly drainUntil: number | null;
  hurry(): void;
  /** Settles when the last child is reaped. */
  done: Promise<void>;
}

/** `drain` in ms; 0: the children are asked at once. */
export function shutDown(
  sessions: ReadonlyMap<string, Session>,
  drain: number,
  log: (event: LogEvent) => void,
): Shutdown {
  let drainUntil = drain > 0 && sessions.size > 0 ? Date.now() + drain : null;
  let hurry = () => {};

  /** Waits until all have gone, for `ms` or until it is hurried; true if all have. */
  async function gone(ms: number): Promise<boolean> {
    const late = Promise.withResolvers<void>();
    hurry = late.resolve;
    const timer = setTimeout(late.resolve, ms);
    const all = Array.from(sessions.values(), ({ ended }) => ended.promise);
    await Promise.race([Promise.all(all), late.promise]);
    clearTimeout(timer);
    return sessions.size === 0;
  }

  function tellLeft(): void {
    const ms = Math.max(0, (drainUntil ?? 0) - Date.now());
    log({ event: "draining", left: sessions.size, ms });
  }

  async function end(): Promise<void> {
    if (drainUntil !== null) {
      tellLeft();
      const telling = setInterval(tellLeft, TELL);
      const drained = await gone(drain);
      clearInterval(telling);
      drainUntil = null;
      if (drained) return;
    }
    sendAll("TERM");
    if (await gone(KILL_GRACE_MS)) return;
    sendAll("KILL");
    await Promise.all(Array.from(sessions.values(), ({ ended }) => ended.promise));
  }

  function sendAll(signal: Signal): void {
    for (const session of sessions.values()) sendSignal(session, signal);
  }

  return {
    get drainUntil() {
      return drainUntil;
    },
    hurry: () => hurry(),
    done: end(),
  };
}
