/**
 * The master. Like PostgreSQL's postmaster it does almost nothing, so that almost nothing can break
 * it: it accepts, admits, hands over and reaps. steps.ts puts these steps together, sessions.ts
 * takes each client through them, and state.ts has the states of the master itself.
 */
import type { ConfinementSummary, LogEvent } from "../../shared/log.ts";
import type { Master, MasterStatus } from "../../shared/master.ts";
import { accept, type Listener } from "../accept/accept.ts";
import { listenError } from "../accept/listen-error.ts";
import { createPause, firstReservedDescriptor, type Pause } from "../accept/pause.ts";
import { changedLimits } from "../options/limits.ts";
import type { Limits } from "../options/options.ts";
import { createListeners } from "./listeners.ts";
import type { Log } from "./log.ts";
import { createShutdown } from "./shutdown.ts";
import { createLifecycle, isStopping, type Lifecycle } from "./state.ts";
import { masterSnapshot, masterStatus } from "./status.ts";
import { createSteps, type Steps, type StepsContext } from "./steps.ts";

export interface ServerMaster extends Master {
  /**
   * Binds the address, and returns the port. Clients wait in the kernel's queue until `listen`.
   * Returns null on a machine that cannot make them wait: then `listen` binds it.
   * @throws an error that says why it cannot listen on the address.
   */
  bind(): number | null;
  /** Accepts clients from now on; returns the port. @throws as `bind`. */
  listen(): number;
  /** The new limits apply to clients that arrive from now on. */
  setLimits(limits: Limits): void;
  /**
   * The first call begins the shutdown; each further one skips a step of it. Not to
   * be called before `listen`.
   */
  stop(signal: NodeJS.Signals): void;
  /**
   * Resolves when the shutdown is over, whether a signal or an operator began it: with true if
   * nothing is left that the master has started.
   */
  readonly stopped: Promise<boolean>;
}

export type MasterParts = Pick<StepsContext, "options" | "spawner" | "descriptors"> & {
  log: Log;
  /** Returns how children are confined. */
  confined(): ConfinementSummary;
};

/**
 * The shortest drain that an operator can request, even without clients: the response has to be
 * sent and, if it is a page, to load its files.
 */
const MIN_DRAIN_MS = 1000;

const NOT_ACCEPTING = new Error("the server no longer accepts clients");

/** Returns a master that does not listen yet. */
export function createMaster(parts: MasterParts): ServerMaster {
  const { options, log } = parts;
  const startedAt = Date.now();
  // Session IDs begin with the time at which their master started, so that no
  // later master uses one again.
  const instance = startedAt.toString(36);
  let limits: Limits = options;
  const listeners = createListeners();
  const changed = () => listeners.notify();
  const write = (event: LogEvent) => {
    log.write(event);
    changed();
  };
  const lifecycle = createLifecycle(changed);
  const steps = createSteps({
    ...parts,
    instance,
    limits: () => limits,
    lifecycle,
    write,
    changed,
  });
  const { sessions } = steps;
  const shutdown = createShutdown(steps, lifecycle, write);
  const stopped = Promise.withResolvers<boolean>();
  const listening = createListening(parts, steps, write);

  function stop(signal: NodeJS.Signals | null, drainMs = limits.drainMs): void {
    if (isStopping(lifecycle.state())) shutdown.skipStep();
    else void shutdown.run(signal, drainMs).then(stopped.resolve, stopped.reject);
  }

  function status(): MasterStatus {
    const [state, confined, port] = [lifecycle.state(), parts.confined(), listening.port()];
    return masterStatus({ settings: options, limits, confined, startedAt, port, state }, steps);
  }

  return {
    instance,
    bind: listening.bind,
    listen() {
      lifecycle.move({ type: "listening", ...listening.start() });
      return listening.port();
    },
    snapshot: () => masterSnapshot(status(), steps),
    status,
    log: log.entries,
    subscribe: listeners.add,
    follow: log.follow,
    find: sessions.find,
    kill: sessions.kill,
    logBulkKill: write,
    logWrongPassword: write,
    pause: (by) => withPause(lifecycle, (pause) => pause.pause(by)),
    resume: (by) => withPause(lifecycle, (pause) => pause.resume(by)),
    drain(ms, by) {
      const { state } = status();
      if (state === "draining" || state === "stopping") {
        return new Error(`the server is ${state} already`);
      }
      write({ event: "drain requested", ms, by });
      void shutdown.run(null, ms, MIN_DRAIN_MS).then(stopped.resolve, stopped.reject);
      return null;
    },
    setLimits(newLimits) {
      const changes = changedLimits(limits, newLimits);
      limits = newLimits;
      write({ event: "reloaded", changed: changes });
    },
    stop,
    stopped: stopped.promise,
  };
}

function withPause(lifecycle: Lifecycle, act: (pause: Pause) => Error | null): Error | null {
  const state = lifecycle.state();
  return state.name === "open" ? act(state.pause) : NOT_ACCEPTING;
}

/** Starts to listen in two steps, `bind` and `start`. */
function createListening(parts: MasterParts, steps: Steps, write: (event: LogEvent) => void) {
  let listener: Listener | null = null;

  return {
    bind(): number | null {
      if (parts.descriptors === null) return null;
      listener = openListener(parts, steps);
      listener.pause();
      return listener.port;
    },
    start() {
      listener ??= openListener(parts, steps);
      return startAccepting(listener, steps, write);
    },
    /** Returns the port; before it is bound, the one in the options. */
    port: () => listener?.port ?? parts.options.port,
  };
}

/** @throws an error that says why it cannot listen on the address. */
function openListener(
  { options, descriptors }: MasterParts,
  { admission, refuser }: Steps,
): Listener {
  const { host, port } = options;
  try {
    return accept({
      host,
      port,
      firstReservedDescriptor: firstReservedDescriptor(),
      onClient: admission.onAccepted,
      onExhausted: admission.onExhausted,
      refused: refuser.socketHandlers,
      duplicate: descriptors?.duplicate ?? null,
    });
  } catch (cause) {
    throw listenError(options, "--port 0", cause);
  }
}

/** Takes ownership of `listener`. */
function startAccepting(
  listener: Listener,
  { admission, sessions, sparePool }: Steps,
  write: (event: LogEvent) => void,
): { pause: Pause; stopWatchdog: () => void } {
  const pause = createPause(listener, write);
  const { live, countOf } = sessions.table;
  admission.open({
    occupancy: { total: () => live.size, ofSource: countOf },
    begin: sessions.begin,
    onExhausted: pause.onExhausted,
  });
  const stopWatchdog = sessions.startWatchdog();
  sparePool?.start();
  listener.resume();
  return { pause, stopWatchdog };
}
