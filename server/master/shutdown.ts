/**
 * Ends the master. Live clients may finish until the drain is over. Then their children are
 * sent TERM and, after a grace period, KILL. Each further request to stop skips to the next
 * step. state.ts has the steps.
 */
import type { LogEvent } from "../../shared/log.ts";
import { KILL_GRACE_MS, type Signal } from "../../shared/signals.ts";
import { sendSignal } from "../session/kill.ts";
import type { Session } from "../session/session.ts";
import type { Lifecycle, MasterState } from "./state.ts";
import type { Steps } from "./steps.ts";

/** How often the log says how many clients are left while draining. */
const DRAIN_LOG_INTERVAL_MS = 5000;

export interface Shutdown {
  /**
   * Resolves when nothing is left that the master has started. `signal`: the one that the master
   * was sent; null if an operator asked for a drain. `drainMs`: how long clients may finish; 0 for
   * no drain. `minDrainMs`: how long the drain takes at least.
   */
  run(signal: NodeJS.Signals | null, drainMs: number, minDrainMs?: number): Promise<void>;
  /** Goes on to the next step; the last one has to be waited for. */
  skipStep(): void;
}

export function createShutdown(
  { admission, refuser, sessions, sparePool }: Steps,
  lifecycle: Lifecycle,
  write: (event: LogEvent) => void,
): Shutdown {
  const { live } = sessions.table;
  const sessionsEnd = createSessionsEnd(live, lifecycle, write);

  return {
    async run(signal, drainMs, minDrainMs = 0) {
      const open = lifecycle.state();
      if (open.name !== "open") throw new Error(`a ${open.name} master cannot be stopped`);
      const drains = drainMs > 0 && (live.size > 0 || minDrainMs > 0);
      lifecycle.move({ type: "stop", drainUntil: drains ? Date.now() + drainMs : null });
      open.pause.stop();
      admission.close();
      write({ event: "stopping", signal, live: live.size });
      await Promise.all([sessionsEnd.run(), sparePool?.stop(), Bun.sleep(minDrainMs)]);
      open.stopWatchdog();
      refuser.close();
      lifecycle.move({ type: "all ended" });
      const { accepted } = sessions.counts();
      const { received } = admission.counts();
      write({ event: "stopped", received, accepted, refused: refuser.counts().refused });
    },
    skipStep: sessionsEnd.skipStep,
  };
}

/** Takes the live sessions through the steps. */
function createSessionsEnd(
  live: ReadonlyMap<string, Session>,
  lifecycle: Lifecycle,
  write: (event: LogEvent) => void,
): { run(): Promise<void>; skipStep(): void } {
  let skipStep = () => {};

  function sendAll(signal: Signal): void {
    for (const session of live.values()) sendSignal(session, signal);
  }

  function allEnded(): Promise<unknown> {
    return Promise.all(Array.from(live.values(), ({ ended }) => ended.promise));
  }

  /** Resolves earlier if the step is skipped. */
  async function allEndedWithin(ms: number): Promise<void> {
    const step = Promise.withResolvers<void>();
    skipStep = step.resolve;
    const timer = setTimeout(step.resolve, ms);
    await Promise.race([allEnded(), step.promise]);
    clearTimeout(timer);
  }

  async function drain(until: number): Promise<void> {
    const msLeft = () => Math.max(0, until - Date.now());
    const logLeft = () => write({ event: "draining", left: live.size, ms: msLeft() });
    logLeft();
    const timer = setInterval(logLeft, DRAIN_LOG_INTERVAL_MS);
    await allEndedWithin(msLeft());
    clearInterval(timer);
  }

  async function runStep(step: MasterState): Promise<unknown> {
    switch (step.name) {
      case "draining":
        return drain(step.until);
      case "terminating":
        sendAll("TERM");
        return allEndedWithin(KILL_GRACE_MS);
      case "killing":
        sendAll("KILL");
        return allEnded();
      default:
        throw new Error(`no sessions are to be ended while the master is ${step.name}`);
    }
  }

  return {
    async run() {
      while (live.size > 0) {
        await runStep(lifecycle.state());
        if (live.size > 0) lifecycle.move({ type: "step over" });
      }
    },
    skipStep: () => skipStep(),
  };
}
