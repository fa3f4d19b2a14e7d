/**
 * The sessions of a master, each from its client's admission to the record of its end. The table of the live is
 * the only truth about who they are; beside it stand only totals, which nothing can tell afterwards.
 */
import type { LogEvent } from "../../shared/log.ts";
import type { Child, KillRequest, KillResult, Room } from "../../shared/master.ts";
import { KILL_GRACE_MS, isTerminating } from "../../shared/signals.ts";
import type { AcceptedClient } from "../accept/accept.ts";
import { startTicksOf } from "../os/descendants.ts";
import type { HandOver } from "../handover/hand-over.ts";
import { handleChildMessage, flushUnlisted } from "./child-messages.ts";
import { endDescendants, killProcessGroup, killSession, sendSignal } from "./kill.ts";
import type { Limits } from "../options/options.ts";
import { createRooms } from "./rooms.ts";
import type { Serving } from "../options/serving.ts";
import { next } from "./state.ts";
import type { ChildProcess } from "../handover/spawn.ts";
import {
  addressOf,
  childOf,
  newSession,
  createTable,
  type Session,
  type TableView,
  identityOf,
} from "./table.ts";
import { startWatchdog } from "./watchdog.ts";
import type { EndReason, Phase } from "../../shared/outcome.ts";

export interface Sessions {
  readonly table: TableView;
  /** Hands an admitted client over to a child; the socket is the child's from then on. */
  begin(client: AcceptedClient, source: string): void;
  find(id: string): Child | "gone" | "unknown";
  kill(id: string, wanted: KillRequest): KillResult;
  /** Of all there ever were. */
  counts(): { accepted: number; ended: number; peak: number };
  rooms(): Room[];
  /** Ends children that miss a deadline or misbehave, until the function that it gives is called. */
  watch(): () => void;
  /** Settles when nothing is left that ran below children which have ended. */
  farewell(): Promise<unknown>;
}

interface Circumstances {
  instance: string;
  serving: Serving;
  /** Those of this moment. */
  limits(): Limits;
  handOver: HandOver;
  write(event: LogEvent): void;
  /** Something has changed that is not logged. */
  changed(): void;
  /** running; draining: children are left alone, but get no second process; told: they were told to end. */
  stage(): "running" | "draining" | "told";
  /** A session has ended; `reason` is null where the operator had a hand in it. */
  onEnded(source: string, reason: EndReason | null): void;
  /** Refuses an admitted client for whom no child could be started. Takes its socket. */
  turnAway(client: AcceptedClient): void;
}

export function createSessions(circumstances: Circumstances): Sessions {
  const { instance, serving, limits, handOver, write, changed, stage, onEnded, turnAway } =
    circumstances;
  const table = createTable();
  let accepted = 0;
  let ended = 0;
  let peak = 0;
  const rooms = createRooms({
    send({ process }, message) {
      if (process.connected) process.send(message);
    },
    broken: ({ pid }, error) => warn(`pid ${pid} cannot be told what others say: ${String(error)}`),
  });
  /** Each settles when nothing is left that ran below a child. */
  const goodbyes = new Set<Promise<void>>();

  function begin(client: AcceptedClient, source: string): void {
    const id = `${instance}-${accepted + 1}`;
    const startedAt = Date.now();
    const clock = performance.now();
    const visit = { id, ...addressOf(client), fromSource: table.countOf(source) + 1 };
    const { process, spare } = handOver(client.socket, visit, {
      message: (message) => heard(session, message),
      exited: (exitCode, signal) => reap(session, exitCode, signal),
      mayRestart: () => stage() === "running" && !session.sent.some(isTerminating),
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
      limits: limits(),
      serving,
    });
    table.add(session);
    peak = Math.max(peak, table.live.size);
    // Only now: the client waits for its child, nobody for the log.
    write({ event: "accepted", id, startedAt, source, ...addressOf(client) });
    write({ event: "spawned", spare, ...identityOf(session) });
  }

  function restart(session: Session, process: ChildProcess): void {
    warn(`spare pid ${session.pid} did not take its client, pid ${process.pid} does`);
    session.process = process;
    session.pid = process.pid;
    session.startTicks = startTicksOf(process.pid);
    write({ event: "spawned", spare: false, ...identityOf(session) });
  }

  function notRestarted(session: Session, client: AcceptedClient, error: unknown): void {
    warn(`spare pid ${session.pid} did not take its client, nobody else can: ${String(error)}`);
    turnAway(client);
  }

  function heard(session: Session, message: unknown): void {
    if (session.condemned === "misbehaved") return;
    if (!handleChildMessage(session, message, rooms, write))
      misbehaved(session, "sent nonsense over IPC");
    changed();
  }

  /** A child that missed a deadline is asked to end, and made to. */
  function endStuck(session: Session, phase: Phase, ms: number): void {
    // A program keeps no deadline; that one is the master's to keep.
    session.condemned = session.isProgram ? "session too long" : "stuck";
    write({ event: "overdue", phase, ms, ...identityOf(session) });
    void killSession(
      session,
      { signal: "TERM", by: "the master", graceMs: KILL_GRACE_MS, job: null },
      write,
    );
  }

  /** A child that abuses its way to the master was taken over, or is broken. */
  function misbehaved(session: Session, how: string): void {
    if (session.condemned === "misbehaved") return;
    session.condemned = "misbehaved";
    warn(`pid ${session.pid} ${how}: killed`);
    sendSignal(session, "KILL");
  }

  function reap(session: Session, exitCode: number | null, signal: string | null): void {
    killProcessGroup(session.pid);
    if (session.below.length > 0) {
      const goodbye = endDescendants(session.below).finally(() => goodbyes.delete(goodbye));
      goodbyes.add(goodbye);
    }
    const { sent, condemned, isProgram, servingMs, firstReplyMs } = session;
    // While it drains the children are left alone: what ends one is not the master.
    const stopping = stage() === "told";
    const exit = { exitCode, signal, sent, condemned, stopping, isProgram };
    session.state = next(session.state, { type: "exited", ...exit });
    if (session.state.name !== "ended") return;
    const { reason } = session.state;
    table.remove(session);
    rooms.leave(session);
    flushUnlisted(session, write);
    ended += 1;
    session.ended.resolve(reason);
    const used = session.process.resourceUsage();
    write({
      event: "ended",
      ...identityOf(session),
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
    onEnded(session.source, sent.length > 0 ? null : reason);
  }

  function warn(message: string): void {
    write({ event: "warning", message });
  }

  function find(id: string): Child | "gone" | "unknown" {
    const session = table.live.get(id);
    return session === undefined ? absent(id) : childOf(session);
  }

  /** Ids count up, so one that is not in the table is known by its number. */
  function absent(id: string): "gone" | "unknown" {
    const number = Number(id.slice(instance.length + 1));
    const was = number >= 1 && number <= accepted && id === `${instance}-${number}`;
    return was ? "gone" : "unknown";
  }

  function kill(id: string, wanted: KillRequest): KillResult {
    const session = table.live.get(id);
    if (session === undefined) return { outcome: absent(id) };
    const child = childOf(session);
    const receipt = killSession(session, wanted, write);
    return receipt === null ? { outcome: "gone" } : { outcome: "sent", child, receipt };
  }

  return {
    table,
    begin,
    find,
    kill,
    counts: () => ({ accepted, ended, peak }),
    rooms: rooms.list,
    watch: () => startWatchdog(table.live, { stuck: endStuck, misbehaved }),
    farewell: () => Promise.all(goodbyes),
  };
}
