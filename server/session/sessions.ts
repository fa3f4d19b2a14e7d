/**
 * The sessions of a master, each from its client's admission to the record of its end:
 *
 *     begin → messages from the child (child-messages.ts) → kill, perhaps (kill.ts) → reap (reap.ts)
 */
import type { LogEvent } from "../../shared/log.ts";
import type { Child, KillRequest, KillResult, Room } from "../../shared/master.ts";
import type { EndReason } from "../../shared/outcome.ts";
import { isTerminating } from "../../shared/signals.ts";
import type { AcceptedClient } from "../accept/accept.ts";
import type { HandOver } from "../handover/hand-over.ts";
import type { ChildProcess, Exit } from "../handover/child-process.ts";
import type { Limits } from "../options/options.ts";
import type { Serving } from "../options/serving.ts";
import { handleChildMessage } from "./child-messages.ts";
import { endOverdue, killMisbehaving, killSession } from "./kill.ts";
import { createReaper } from "./reap.ts";
import { createRooms } from "./rooms.ts";
import { childOf, identityOf, newSession, newSessionChild, type Session } from "./session.ts";
import { createTable, type Table, type TableView } from "./table.ts";
import { startWatchdog } from "./watchdog.ts";

export interface Sessions {
  readonly table: TableView;
  /**
   * Hands an admitted client over to a child, which owns the socket from then on.
   * @throws what `HandOver` throws; then the socket is still the caller's
   */
  begin(client: AcceptedClient, source: string): void;
  find(id: string): Child | "already ended" | "unknown";
  kill(id: string, request: KillRequest): KillResult;
  /** Totals since the start. */
  counts: Table["counts"];
  rooms(): Room[];
  /**
   * Ends children that miss a deadline or misbehave, until the function that it returns is called.
   */
  startWatchdog(): () => void;
}

interface SessionsContext {
  /** Tells this master's session IDs from those of any other. */
  instance: string;
  serving: Serving;
  /** Returns the limits in force now. */
  limits(): Limits;
  handOver: HandOver;
  write(event: LogEvent): void;
  /** Called when something has changed that is not logged. */
  changed(): void;
  /**
   * draining: children are left alone, but a spare that fails is not replaced any more. stopping:
   * the children have been asked to end.
   */
  stage(): "running" | "draining" | "stopping";
  /** Called for each session that ends; `reason` is null if an operator sent its child a signal. */
  onEnded(source: string, reason: EndReason | null): void;
  /**
   * Refuses an admitted client for whom no child could be started. Takes ownership of its socket.
   */
  turnAway(client: AcceptedClient): void;
}

export function createSessions(context: SessionsContext): Sessions {
  const { write, changed } = context;
  const table = createTable(context.instance);
  const rooms = createRooms(({ child }) => child.process.channel);
  const reaper = createReaper({ ...context, table, rooms });
  const begin = createBegin(context, table, {
    message(session, message) {
      if (session.signals.terminationCause === "misbehaved") return;
      if (!handleChildMessage(session, message, rooms, write)) {
        killMisbehaving(session, "sent an invalid message", write);
      }
      changed();
    },
    misbehaved: (session, offence) => killMisbehaving(session, offence, write),
    exited(session, exitCode, signal, leftovers) {
      // While the master drains it leaves the children alone: what ends one then is not the master.
      const isStopping = context.stage() === "stopping";
      reaper.reap(session, { exitCode, signal, leftovers, isStopping });
    },
  });

  return {
    table,
    begin,
    find(id) {
      const session = table.find(id);
      return typeof session === "string" ? session : childOf(session);
    },
    kill(id, request) {
      const session = table.find(id);
      if (typeof session === "string") return { outcome: session };
      const child = childOf(session);
      const receipt = killSession(session, request, write);
      return receipt === null ? { outcome: "already ended" } : { outcome: "sent", child, receipt };
    },
    counts: table.counts,
    rooms: rooms.list,
    startWatchdog: () =>
      startWatchdog(table.live, {
        overdue: (session, phase, ms) => endOverdue(session, phase, ms, write),
        misbehaved: (session, offence) => killMisbehaving(session, offence, write),
      }),
  };
}

/** What a session's child does. */
interface SessionEvents {
  message(session: Session, message: unknown): void;
  misbehaved(session: Session, offence: string): void;
  exited(session: Session, ...exit: Exit): void;
}

function createBegin(
  { serving, limits, handOver, write, stage, turnAway }: SessionsContext,
  table: Table,
  events: SessionEvents,
): Sessions["begin"] {
  return (client, source) => {
    const { remoteAddress, remotePort } = client;
    const id = table.nextId();
    const startedAt = Date.now();
    const startedMonotonicMs = performance.now();
    const address = { remoteAddress, remotePort };
    const clientInfo = { id, ...address, fromSource: table.countOf(source) + 1 };
    /** A program's message may come after its end, when the session is in the table no more. */
    const withSession = (use: (session: Session) => void) => {
      const session = table.live.get(id);
      if (session !== undefined) use(session);
    };
    const { process, spare } = handOver(client.socket, clientInfo, {
      message: (message) => withSession((session) => events.message(session, message)),
      misbehaved: (offence) => withSession((session) => events.misbehaved(session, offence)),
      exited: (...exit) => withSession((session) => events.exited(session, ...exit)),
      mayRestart() {
        const signals = table.live.get(id)?.signals.fromOperator ?? [];
        return stage() === "running" && !signals.some(isTerminating);
      },
      restarted: (other) => withSession((session) => replaceChild(session, other, write)),
      failed(error) {
        withSession((session) => warnNotReplaced(session, error, write));
        turnAway(client);
      },
    });
    const start = { id, ...address, source, startedAt, startedMonotonicMs };
    const added = newSession({ ...start, process, limits: limits(), serving });
    table.add(added);
    // Logged only now: the client waits for its child, and nobody waits for the log.
    write({ event: "accepted", id, startedAt, source, ...address });
    write({ event: "spawned", spare, ...identityOf(added) });
  };
}

function replaceChild(
  session: Session,
  process: ChildProcess,
  write: (event: LogEvent) => void,
): void {
  const { pid } = session.child;
  warn(write, `spare PID ${pid} did not take its client, PID ${process.pid} does`);
  session.child = newSessionChild(process);
  write({ event: "spawned", spare: false, ...identityOf(session) });
}

function warnNotReplaced(session: Session, error: unknown, write: (event: LogEvent) => void): void {
  const { pid } = session.child;
  const why = `no other process could be started: ${String(error)}`;
  warn(write, `spare PID ${pid} did not take its client, and ${why}`);
}

function warn(write: (event: LogEvent) => void, message: string): void {
  write({ event: "warning", message });
}
