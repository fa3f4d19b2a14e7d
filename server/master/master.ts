/**
 * The master. Like PostgreSQL's postmaster it does almost nothing, so that almost nothing can break
 * it: it accepts, decides, hands over and reaps. Here the steps are put together; sessions.ts walks each client
 * along them.
 */
import type { ConfinementSummary, LogEvent } from "../../shared/log.ts";
import type { Master, MasterStatus } from "../../shared/master.ts";
import { accept, type Listener } from "../accept/accept.ts";
import { createAdmission } from "../admit/admission.ts";
import { refusedSocketHandlers } from "../admit/refuse.ts";
import type { DescriptorPassing } from "../os/descriptor-passing.ts";
import { createHandOver } from "../handover/hand-over.ts";
import { changedLimits, listLimits } from "../options/limits.ts";
import { listenError } from "../accept/listen-error.ts";
import type { Log } from "./log.ts";
import type { Limits, Options } from "../options/options.ts";
import { maxClientDescriptor, type Pause, createPause } from "../accept/pause.ts";
import { createSessions } from "../session/sessions.ts";
import { createSparePool } from "../handover/spare-pool.ts";
import { describeServing } from "../options/serving.ts";
import type { Spawner, TaskLimits } from "../handover/spawn.ts";
import { type Shutdown, shutDown } from "./shutdown.ts";
import { childOf } from "../session/session.ts";

export interface ServerMaster extends Master {
  /**
   * Accepts clients from now on; gives the port.
   * @throws an error that says why the address cannot be had.
   */
  listen(): number;
  /** These hold for the clients that come from now on. */
  setLimits(limits: Limits): void;
  /** The first call begins the end, each further one hurries it. */
  stop(signal: NodeJS.Signals): void;
  /** Settles when the end is done, whoever has begun it. */
  readonly stopped: Promise<void>;
}

const NOT_LISTENING = new Error("the server accepts nobody any more");

/** A master that does not listen yet, with the children that `spawner` gives; without `descriptors` it has no spares. */
export function createMaster(
  options: Options,
  log: Log,
  spawner: (work: () => TaskLimits) => Spawner,
  confined: ConfinementSummary,
  descriptors: DescriptorPassing | null,
): ServerMaster {
  let limits: Limits = options;
  const startedAt = Date.now();
  // With the time of this master's start in it, an id is not used again by the next one either.
  const instance = startedAt.toString(36);
  const listeners = new Set<() => void>();
  const work = () => ({
    orphans: options.orphans,
    firstByteTimeout: limits.firstByteTimeoutMs,
    idleTimeout: limits.idleTimeoutMs,
    maxSession: limits.maxSessionMs,
  });
  const children = spawner(work);
  const spares =
    descriptors === null || options.spares === 0
      ? null
      : { pool: createSparePool(options.spares, children, write), descriptors };
  const handOver = createHandOver(children, spares);
  const sessions = createSessions({
    instance,
    serving: options.serving,
    limits: () => limits,
    handOver,
    write,
    changed,
    stage: () =>
      ending === undefined ? "running" : ending.drainUntil === null ? "stopping" : "draining",
    onEnded: (source, reason) => door.ended(source, reason),
    turnAway: (client) => door.turnAway(client),
  });
  const door = createAdmission(
    () => limits,
    { total: () => sessions.table.live.size, ofSource: sessions.table.countOf },
    sessions.begin,
    () => pause?.begin(),
    write,
  );

  let listener: Listener | undefined;
  let pause: Pause | undefined;
  let unwatch = () => {};
  let ending: Shutdown | undefined;
  const stopped = Promise.withResolvers<void>();

  function listen(): number {
    try {
      listener = accept(
        options,
        maxClientDescriptor(),
        door.onAccepted,
        door.onExhausted,
        refusedSocketHandlers,
      );
    } catch (cause) {
      throw listenError(options, "--port 0", cause);
    }
    pause = createPause(listener, descriptors, write);
    unwatch = sessions.startWatchdog();
    spares?.pool.start();
    return listener.port;
  }

  function write(event: LogEvent): void {
    log.write(event);
    changed();
  }

  function changed(): void {
    for (const listener of listeners) listener();
  }

  function setLimits(after: Limits): void {
    const changes = changedLimits(limits, after);
    limits = after;
    write({ event: "reloaded", changed: changes });
  }

  function drain(ms: number, by: string): void {
    if (ending !== undefined) return; // to be asked twice is no reason to hurry
    write({ event: "drain requested", ms, by });
    stop(null, ms);
  }

  function stop(signal: NodeJS.Signals | null, drain = limits.drainMs): void {
    if (ending !== undefined) ending.hurry();
    else void end(signal, drain).then(stopped.resolve, stopped.reject);
  }

  async function end(signal: NodeJS.Signals | null, drain: number): Promise<void> {
    pause?.stop();
    listener?.stop();
    door.close();
    write({ event: "stopping", signal, live: sessions.table.live.size });
    ending = shutDown(sessions.table.live, drain, write);
    await Promise.all([ending.done, spares?.pool.stop()]);
    await sessions.cleanup();
    unwatch();
    door.end();
    const { received, refused } = door.counts();
    write({ event: "stopped", received, accepted: sessions.counts().accepted, refused });
  }

  function status(): MasterStatus {
    return {
      pid: process.pid,
      startedAt,
      host: options.host,
      port: listener?.port ?? options.port,
      service: describeServing(options.serving),
      serves: options.serving.kind,
      ...state(),
      maxClients: limits.maxClients,
      live: sessions.table.live.size,
      ...sessions.counts(),
      ...door.counts(),
      limits: listLimits(limits),
      confinement: confined,
      spares: spares === null ? 0 : options.spares,
      sparesByState: spares?.pool.count() ?? { starting: 0, ready: 0 },
    };
  }

  function state(): Pick<MasterStatus, "state" | "until" | "pausedBy"> {
    if (ending !== undefined) {
      const { drainUntil: until } = ending;
      return { state: until === null ? "stopping" : "draining", until, pausedBy: null };
    }
    return pause?.state() ?? { state: "accepting", until: null, pausedBy: null };
  }

  return {
    instance,
    listen,
    snapshot: () => ({
      master: status(),
      spares: spares?.pool.list() ?? [],
      rooms: sessions.rooms(),
      children: Array.from(sessions.table.live.values(), childOf),
    }),
    status,
    log: log.entries,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    follow: log.follow,
    find: sessions.find,
    kill: sessions.kill,
    logBulkKill: write,
    pause: (by) => (pause === undefined || ending ? NOT_LISTENING : pause.pause(by)),
    resume: (by) => (pause === undefined || ending ? NOT_LISTENING : pause.resume(by)),
    drain,
    setLimits,
    stop,
    stopped: stopped.promise,
  };
}
