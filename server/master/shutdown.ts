/**
 * Ends the master. Live clients may finish until the drain is over. Then their children are
 * sent TERM and, after a grace period, KILL. Each further request to stop skips to the next
 * step. state.ts has the steps. What cannot be killed, such as a process that waits for a device,
 * is left behind in the end.
 */
import type { LogEvent } from "../../shared/log.ts";
import { KILL_GRACE_MS, type Signal } from "../../shared/signals.ts";
import { sendSignal } from "../session/kill.ts";
import type { Session } from "../session/session.ts";
import type { Lifecycle, MasterState } from "./state.ts";
import type { Steps } from "./steps.ts";

/**
 * After KILL, the shutdown goes on without the children that are left when none has ended for this
 * long.
 */
const KILL_TIMEOUT_MS = 10_000;

/** How many of the processes that are left the log names. */
const MAX_PIDS_LOGGED = 10;

/** How often the log says how many clients are left while draining. */
const DRAIN_LOG_INTERVAL_MS = 5000;

export interface Shutdown {
  /**
   * Resolves with true when nothing is left that the master has started; with false if some of it
   * could not be killed. `signal`: the one that the master
   * was sent; null if an operator asked for a drain. `drainMs`: how long clients may finish; 0 for
   * no drain. `minDrainMs`: how long the drain takes at least.
   */
  run(signal: NodeJS.Signals | null, drainMs: number, minDrainMs?: number): Promise<boolean>;
  /**
   * Goes on to the next step; the last one has to be waited for, which takes some seconds at most.
   */
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
      const sparesEnd = sparePool?.stop();
      await Promise.all([sessionsEnd.run(), Bun.sleep(minDrainMs)]);
      const haveSparesEnded = await isResolvedWithin(KILL_TIMEOUT_MS, sparesEnd);
      const left = [...live.values()].map(({ child }) => child.pid);
      if (left.length > 0) write({ event: "warning", message: notEnded(left) });
      if (!haveSparesEnded) write({ event: "warning", message: "some spares have not ended" });
      open.stopWatchdog();
      refuser.close();
      lifecycle.move({ type: "all ended" });
      const { accepted } = sessions.counts();
      const { received } = admission.counts();
      write({ event: "stopped", received, accepted, refused: refuser.counts().refused });
      return left.length === 0 && haveSparesEnded;
    },
    skipStep: sessionsEnd.skipStep,
  };
}

/** `pids`: of children that could not be killed, or that have left behind what could not. */
function notEnded(pids: readonly number[]): string {
  const named = pids.slice(0, MAX_PIDS_LOGGED).join(", ");
  const more = pids.length > MAX_PIDS_LOGGED ? ` and ${pids.length - MAX_PIDS_LOGGED} more` : "";
  return `the server stops although children, or what they started, cannot be killed: PID ${named}${more}`;
}

async function isResolvedWithin(ms: number, promise: Promise<unknown> | undefined) {
  const timedOut = Promise.withResolvers<false>();
  const timer = setTimeout(timedOut.resolve, ms, false);
  const outcome = await Promise.race([promise?.then(() => true) ?? true, timedOut.promise]);
  clearTimeout(timer);
  return outcome;
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

  async function kill(): Promise<void> {
    let before: number;
    do {
      before = live.size;
      sendAll("KILL");
      await isResolvedWithin(KILL_TIMEOUT_MS, allEnded());
    } while (live.size > 0 && live.size < before);
  }

  async function runStep(step: MasterState): Promise<unknown> {
    switch (step.name) {
      case "draining":
        return drain(step.until);
      case "terminating":
        sendAll("TERM");
        return allEndedWithin(KILL_GRACE_MS);
      case "killing":
        return kill();
      default:
        throw new Error(`no sessions are to be ended while the master is ${step.name}`);
    }
  }

  return {
    async run() {
      while (live.size > 0) {
        const step = lifecycle.state();
        await runStep(step);
        if (step.name === "killing") return;
        if (live.size > 0) lifecycle.move({ type: "step over" });
      }
    },
    skipStep: () => skipStep(),
  };
}
