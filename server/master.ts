/**
 * The master. Like PostgreSQL's postmaster it does almost nothing, so that almost nothing can break
 * it: it accepts, decides, hands over and reaps. The table of sessions is the only truth about who
 * is live; beside it stand only totals, which nothing can tell afterwards.
 */
import type { Confined, LogEvent } from "../shared/log.ts";
import type {
  Child,
  KillOrder,
  KillResult,
  Master,
  MasterStatus,
  Phase,
} from "../shared/master.ts";
import { GRACE, isToEnd } from "../shared/signals.ts";
import { accept, type Accepted, type Listener } from "./accept.ts";
import { admission, lineFor } from "./admission.ts";
import { startTicksOf } from "./descendants.ts";
import type { Descriptors } from "./descriptors.ts";
import { handingOver } from "./hand-over.ts";
import { hear, hearNoMore } from "./hear.ts";
import { endBelow, endGroup, order, sendTo } from "./kill.ts";
import { changedLimits, listLimits } from "./limits.ts";
import { listenError } from "./listen-error.ts";
import type { Log } from "./log.ts";
import type { Limits, Options } from "./options.ts";
import { mostDescriptors, type Pause, pausing } from "./pause.ts";
import { refuse } from "./refuse.ts";
import { openRooms } from "./rooms.ts";
import { next } from "./session.ts";
import { keepSpares } from "./spares.ts";
import { describeServing } from "./serving.ts";
import type { ChildProcess, Spawner, Work } from "./spawn.ts";
import { type Ending, endSessions } from "./stop.ts";
import { addressOf, childOf, countOf, newSession, type Session, who } from "./table.ts";
import { watchChildren } from "./watch.ts";

export interface OwnMaster extends Master {
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
  spawner: (work: () => Work) => Spawner,
  confined: Confined,
  descriptors: Descriptors | null,
): OwnMaster {
  let limits: Limits = options;
  const startedAt = Date.now();
  // With the time of this master's start in it, an id is not used again by the next one either.
  const instance = startedAt.toString(36);
  const sessions = new Map<string, Session>();
  const listeners = new Set<() => void>();
  let accepted = 0;
  let ended = 0;
  let peak = 0;

  const door = admission(
    () => limits,
    sessions,
    begin,
    () => pause?.begin(),
    write,
  );
  const work = () => ({
    orphans: options.orphans,
    firstByteTimeout: limits.firstByteTimeout,
    idleTimeout: limits.idleTimeout,
    maxSession: limits.maxSession,
  });
  const children = spawner(work);
  const spares =
    descriptors === null || options.spares === 0
      ? null
      : { pool: keepSpares(options.spares, children, write), descriptors };
  const handOver = handingOver(children, spares);
  const rooms = openRooms({
    send({ process }, message) {
      if (process.connected) process.send(message);
    },
    broken: ({ pid }, error) => warn(`pid ${pid} cannot be told what others say: ${String(error)}`),
  });

  let listener: Listener | undefined;
  let pause: Pause | undefined;
  let unwatch = () => {};
  let ending: Ending | undefined;
  const stopped = Promise.withResolvers<void>();
  /** Each settles when nothing is left that ran below a child. */
  const goodbyes = new Set<Promise<void>>();

  function listen(): number {
    try {
      listener = accept(options, mostDescriptors(), door.welcome, door.exhausted);
    } catch (cause) {
      throw listenError(options, "--port 0", cause);
    }
    pause = pausing(listener, descriptors, write);
    unwatch = watchChildren(sessions, { stuck: endStuck, misbehaved });
    spares?.pool.start();
    return listener.port;
  }

  function begin(client: Accepted, source: string): void {
    const id = `${instance}-${accepted + 1}`;
    const startedAt = Date.now();
    const clock = performance.now();
    const visit = { id, ...addressOf(client), fromSource: countOf(sessions, source) + 1 };
    const { process, spare } = handOver(client.socket, visit, {
      message: (message) => heard(session, message),
      exited: (exitCode, signal) => reap(session, exitCode, signal),
      mayRestart: () => ending === undefined && !session.sent.some(isToEnd),
      restarted: (process) => restart(session, process),
      failed: (error) => notRestarted(session, client, error),
    });
    accepted += 1;
    const session = newSession({
      id,
      ...addressOf(client),
      source,
      startedAt,
      clock,
      process,
      limits,
      serving: options.serving,
    });
    sessions.set(id, session);
    peak = Math.max(peak, sessions.size);
    // Only now: the client waits for its child, nobody for the log.
    write({ event: "accepted", id, startedAt, source, ...addressOf(client) });
    write({ event: "spawned", spare, ...who(session) });
  }

  function restart(session: Session, process: ChildProcess): void {
    warn(`spare pid ${session.pid} did not take its client, pid ${process.pid} does`);
    session.process = process;
    session.pid = process.pid;
    session.startTicks = startTicksOf(process.pid);
    write({ event: "spawned", spare: false, ...who(session) });
  }

  function notRestarted(session: Session, { socket }: Accepted, error: unknown): void {
    warn(`spare pid ${session.pid} did not take its client, nobody else can: ${String(error)}`);
    refuse(socket, lineFor("no process could be started"));
  }

  function heard(session: Session, message: unknown): void {
    if (session.condemned === "misbehaved") return;
    if (!hear(session, message, rooms, write)) misbehaved(session, "sent nonsense over IPC");
    changed();
  }

  /** A child that missed a deadline is asked to end, and made to. */
  function endStuck(session: Session, phase: Phase, ms: number): void {
    // A program keeps no deadline; that one is the master's to keep.
    session.condemned = session.isProgram ? "session too long" : "stuck";
    write({ event: "overdue", phase, ms, ...who(session) });
    void order(session, { signal: "TERM", by: "the master", grace: GRACE, job: null }, write);
  }

  /** A child that abuses its way to the master was taken over, or is broken. */
  function misbehaved(session: Session, how: string): void {
    if (session.condemned === "misbehaved") return;
    session.condemned = "misbehaved";
    warn(`pid ${session.pid} ${how}: killed`);
    sendTo(session, "KILL");
  }

  function reap(session: Session, exitCode: number | null, signal: string | null): void {
    endGroup(session.pid);
    if (session.below.length > 0) {
      const goodbye = endBelow(session.below).finally(() => goodbyes.delete(goodbye));
      goodbyes.add(goodbye);
    }
    const { sent, condemned, isProgram, servingMs, firstReplyMs } = session;
    // While it drains the children are left alone: what ends one is not the master.
    const told = ending?.drainUntil === null;
    const exit = { exitCode, signal, sent, condemned, stopping: told, isProgram };
    session.state = next(session.state, { type: "exited", ...exit });
    if (session.state.name !== "ended") return;
    const { reason } = session.state;
    sessions.delete(session.id);
    rooms.leave(session);
    hearNoMore(session, write);
    ended += 1;
    session.ended.resolve(reason);
    const used = session.process.resourceUsage();
    write({
      event: "ended",
      ...who(session),
      reason,
      exitCode,
      signal,
      ms: Date.now() - session.startedAt,
      servingMs,
      firstReplyMs,
      requests: session.requests,
      bytesIn: session.bytesIn,
      bytesOut: session.bytesOut,
      cpuMs: Number(used?.cpuTime.total ?? 0) / 1000,
      maxResidentBytes: used?.maxRSS ?? 0,
    });
    // Where the operator had a hand in it, it is not the client's offence: STOP makes any child late.
    door.ended(session.source, sent.length > 0 ? null : reason);
  }

  function write(event: LogEvent): void {
    log.write(event);
    changed();
  }

  function warn(message: string): void {
    write({ event: "warning", message });
  }

  function changed(): void {
    for (const listener of listeners) listener();
  }

  function find(id: string): Child | "gone" | "unknown" {
    const session = sessions.get(id);
    return session === undefined ? absent(id) : childOf(session);
  }

  /** Ids count up, so one that is not in the table is known by its number. */
  function absent(id: string): "gone" | "unknown" {
    const number = Number(id.slice(instance.length + 1));
    const was = number >= 1 && number <= accepted && id === `${instance}-${number}`;
    return was ? "gone" : "unknown";
  }

  function kill(id: string, wanted: KillOrder): KillResult {
    const session = sessions.get(id);
    if (session === undefined) return { outcome: absent(id) };
    const child = childOf(session);
    const receipt = order(session, wanted, write);
    return receipt === null ? { outcome: "gone" } : { outcome: "sent", child, receipt };
  }

  function setLimits(after: Limits): void {
    const changes = changedLimits(limits, after);
    limits = after;
    write({ event: "reloaded", changed: changes });
  }

  function drain(ms: number, by: string): void {
    if (ending !== undefined) return; // to be asked twice is no reason to hurry
    write({ event: "drain ordered", ms, by });
    stop(null, ms);
  }

  function stop(signal: NodeJS.Signals | null, drain = limits.drain): void {
    if (ending !== undefined) ending.hurry();
    else void end(signal, drain).then(stopped.resolve, stopped.reject);
  }

  async function end(signal: NodeJS.Signals | null, drain: number): Promise<void> {
    pause?.stop();
    listener?.stop();
    door.close();
    write({ event: "stopping", signal, live: sessions.size });
    ending = endSessions(sessions, drain, write);
    await Promise.all([ending.done, spares?.pool.stop()]);
    await Promise.all(goodbyes);
    unwatch();
    door.end();
    const { received, refused } = door.counts();
    write({ event: "stopped", received, accepted, refused });
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
      live: sessions.size,
      peak,
      accepted,
      ended,
      ...door.counts(),
      limits: listLimits(limits),
      confined,
      spares: spares === null ? 0 : options.spares,
      sparesBy: spares?.pool.count() ?? { starting: 0, ready: 0 },
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
      rooms: rooms.list(),
      children: Array.from(sessions.values(), childOf),
    }),
    status,
    log: log.entries,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    follow: log.follow,
    find,
    kill,
    note: write,
    pause: (by) => (pause === undefined || ending ? NOT_LISTENING : pause.pause(by)),
    resume: (by) => (pause === undefined || ending ? NOT_LISTENING : pause.resume(by)),
    drain,
    setLimits,
    stop,
    stopped: stopped.promise,
  };
}
