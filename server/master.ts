/**
 * The master. Like PostgreSQL's postmaster it does almost nothing, so that almost nothing can break
 * it: it accepts, decides, hands over and reaps. The table of sessions is the only truth about who
 * is live; beside it stand only totals, which nothing can tell afterwards.
 */
import type { TCPSocketListener } from "bun";
import { escapeBytes } from "../shared/escape.ts";
import type { LogEvent } from "../shared/log.ts";
import type { Child, KillResult, Master } from "../shared/master.ts";
import { parseChildMessage, type Activity } from "../shared/messages.ts";
import { isToEnd, type Signal } from "../shared/signals.ts";
import { accept, type Accepted } from "./accept.ts";
import { admit } from "./admit.ts";
import type { Confinement } from "./confine.ts";
import type { Descriptors } from "./descriptors.ts";
import { type Given, handingOver } from "./hand-over.ts";
import { listenError } from "./listen-error.ts";
import type { Log } from "./log.ts";
import type { Options } from "./options.ts";
import type { Program } from "./program.ts";
import { refuse } from "./refuse.ts";
import { next, type SessionEvent, STARTING } from "./session.ts";
import { keepSpares } from "./spares.ts";
import { type ChildProcess, spawner } from "./spawn.ts";
import { addressOf, childOf, type Session, who } from "./table.ts";

export interface OwnMaster extends Master {
  /**
   * Accepts clients from now on; gives the port.
   * @throws an error that says why the address cannot be had.
   */
  listen(): number;
  /** Accepts nobody any more and ends the children; settles when the last one is reaped. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** Children that have not gone this long (ms) after TERM are killed when the master stops. */
const STOP_GRACE = 5000;

/** A master that does not listen yet. Its children run `program`; without `descriptors` it has no spares. */
export function createMaster(
  options: Options,
  log: Log,
  program: Program,
  confinement: Confinement,
  descriptors: Descriptors | null,
): OwnMaster {
  const startedAt = Date.now();
  // With the time of this master's start in it, an id is not used again by the next one either.
  const instance = startedAt.toString(36);
  const sessions = new Map<string, Session>();
  const listeners = new Set<() => void>();
  let accepted = 0;
  let refused = 0;
  let peak = 0;
  let stopping: Promise<void> | undefined;

  const children = spawner(program, options, confinement);
  const spares =
    descriptors === null
      ? null
      : { pool: keepSpares(options.spares, children, write), descriptors };
  const handOver = handingOver(children, spares);
  let listener: TCPSocketListener<undefined> | undefined;

  function listen(): number {
    try {
      listener = accept(options, welcome);
      spares?.pool.start();
      return listener.port;
    } catch (cause) {
      throw listenError(options, "--port 0", cause);
    }
  }

  function welcome(client: Accepted): void {
    if (stopping !== undefined) return client.socket.close();
    const live = Array.from(sessions.values(), (session) => session.remoteAddress);
    const reason = admit(live, client.remoteAddress, options);
    if (reason === null) begin(client);
    else {
      refused += 1;
      refuse(client.socket, reason);
      write({ event: "refused", reason, ...addressOf(client) });
    }
  }

  function begin(client: Accepted): void {
    accepted += 1;
    const id = `${instance}-${accepted}`;
    const tellAccepted = () => write({ event: "accepted", id, ...addressOf(client) });
    let given: Given;
    try {
      given = handOver(client.socket, {
        message: (message) => hear(session, message),
        exited: (exitCode, signal) => reap(session, exitCode, signal),
        mayRestart: () => stopping === undefined && !session.sent.some(isToEnd),
        restarted: (process) => restart(session, process),
        failed: (error) => notStarted(client, id, error),
      });
    } catch (error) {
      tellAccepted();
      return notStarted(client, id, error);
    }
    tellAccepted(); // only now: the client waits for its child, nobody for the log
    const { process, spare } = given;
    const now = Date.now();
    const session: Session = {
      id,
      pid: process.pid,
      ...addressOf(client),
      startedAt: now,
      lastActiveAt: now,
      state: STARTING,
      bytesIn: 0,
      bytesOut: 0,
      requests: 0,
      lastCommand: null,
      sent: [],
      process,
      ended: Promise.withResolvers(),
    };
    sessions.set(id, session);
    peak = Math.max(peak, sessions.size);
    write({ event: "spawned", spare, ...who(session) });
  }

  function notStarted(client: Accepted, id: string, error: unknown): void {
    refuse(client.socket, "no process could be started for you, try again later");
    write({ event: "spawn failed", id, error: String(error), ...addressOf(client) });
  }

  function restart(session: Session, process: ChildProcess): void {
    const message = `spare pid ${session.pid} did not take its client, pid ${process.pid} does`;
    write({ event: "warning", message });
    session.process = process;
    session.pid = process.pid;
    write({ event: "spawned", spare: false, ...who(session) });
  }

  function hear(session: Session, value: unknown): void {
    const message = parseChildMessage(value);
    if (message === null) {
      write({ event: "warning", message: `pid ${session.pid} sent nonsense over IPC` });
      return;
    }
    switch (message.type) {
      case "ready":
        break; // only a spare that has no client yet says this
      case "serving":
        advance(session, { type: "adopted" });
        write({ event: "serving", ms: Date.now() - session.startedAt, ...who(session) });
        break;
      case "report":
        note(session, message);
        break;
      case "leaving":
        note(session, message);
        advance(session, { type: "leaving", reason: message.reason });
        changed();
    }
  }

  function note(session: Session, activity: Activity): void {
    session.lastActiveAt = Date.now();
    session.bytesIn = activity.bytesIn;
    session.bytesOut = activity.bytesOut;
    session.requests += activity.requests.length + activity.more;
    for (const { kind, text } of activity.requests) {
      session.lastCommand = escapeBytes(text);
      const command = escapeBytes(text.slice(0, 4));
      write({ event: "request", kind, text: session.lastCommand, command, ...who(session) });
    }
    if (activity.more > 0) {
      write({ event: "requests not listed", count: activity.more, ...who(session) });
    }
    changed();
  }

  function reap(session: Session, exitCode: number | null, signal: string | null): void {
    const { sent } = session;
    advance(session, { type: "exited", exitCode, signal, sent, stopping: stopping !== undefined });
    if (session.state.name !== "ended") return;
    const { reason } = session.state;
    sessions.delete(session.id);
    session.ended.resolve(reason);
    write({
      event: "ended",
      ...who(session),
      reason,
      exitCode,
      signal,
      ms: Date.now() - session.startedAt,
      requests: session.requests,
      bytesIn: session.bytesIn,
      bytesOut: session.bytesOut,
      cpuMs: Number(session.process.resourceUsage()?.cpuTime.total ?? 0) / 1000,
    });
  }

  function advance(session: Session, event: SessionEvent): void {
    session.state = next(session.state, event);
  }

  function write(event: LogEvent): void {
    log.write(event);
    changed();
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

  function kill(id: string, signal: Signal): KillResult {
    const session = sessions.get(id);
    if (session === undefined) return { outcome: absent(id) };
    const child = childOf(session);
    const sentAt = performance.now();
    session.sent.push(signal);
    // Bun sends nothing to a child that it has reaped, so never to another process of the same pid.
    session.process.kill(`SIG${signal}`);
    write({ event: "signal sent", signal, ...who(session) });
    const ended = session.ended.promise.then((reason) => ({
      reason,
      ms: performance.now() - sentAt,
    }));
    return { outcome: "sent", child, signal, ended };
  }

  /** The first call begins the end, a second one hurries it; all settle when it is done. */
  function stop(signal: NodeJS.Signals): Promise<void> {
    if (stopping === undefined) stopping = end(signal);
    else killAll("SIGKILL");
    return stopping;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    listener?.stop();
    write({ event: "stopping", signal, live: sessions.size });
    killAll("SIGTERM");
    const late = setTimeout(killAll, STOP_GRACE, "SIGKILL");
    await Promise.all([
      ...Array.from(sessions.values(), (session) => session.ended.promise),
      spares?.pool.stop(),
    ]);
    clearTimeout(late);
    write({ event: "stopped", accepted, refused });
  }

  function killAll(signal: NodeJS.Signals): void {
    for (const { process } of sessions.values()) process.kill(signal);
  }

  return {
    instance,
    listen,
    snapshot: () => ({
      master: {
        pid: process.pid,
        startedAt,
        host: options.host,
        port: listener?.port ?? options.port,
        service: options.service,
        state: stopping === undefined ? "accepting" : "stopping",
        maxClients: options.maxClients,
        live: sessions.size,
        peak,
        accepted,
        refused,
        spares: spares === null ? 0 : options.spares,
      },
      spares: spares?.pool.list() ?? [],
      children: Array.from(sessions.values(), childOf),
    }),
    log: log.entries,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    find,
    kill,
    stop,
  };
}
