/**
 * The end of a session: its child has been reaped, nothing that it started is
 * left, and its end is recorded.
 */
import type { LogEvent } from "../../shared/log.ts";
import type { EndReason } from "../../shared/outcome.ts";
import { flushUnlisted } from "./child-messages.ts";
import type { Rooms } from "./rooms.ts";
import { advance, identityOf, type Session } from "./session.ts";
import type { Table } from "./table.ts";

/** How a reaped child ended: `exitCode` is null if a signal did it. */
export interface ReapedExit {
  exitCode: number | null;
  signal: string | null;
  /** Processes that it had left behind, and that were killed. */
  leftovers: number;
  /** The master is stopping and has asked its children to end. */
  isStopping: boolean;
}

interface ReaperContext {
  table: Table;
  rooms: Rooms;
  write(event: LogEvent): void;
  /** Called for each session that ends; `reason` is null if an operator sent its child a signal. */
  onEnded(source: string, reason: EndReason | null): void;
}

export interface Reaper {
  reap(session: Session, exit: ReapedExit): void;
}

export function createReaper({ table, rooms, write, onEnded }: ReaperContext): Reaper {
  return {
    reap(session, exit) {
      const { isProgram } = session;
      const { fromOperator: operatorSignals, terminationCause } = session.signals;
      const event = { type: "exited", operatorSignals, terminationCause, isProgram } as const;
      const state = advance(session, { ...event, ...exit });
      if (state.name !== "ended") return;
      table.remove(session);
      rooms.leave(session);
      flushUnlisted(session, write);
      session.ended.resolve({ reason: state.reason, leftovers: exit.leftovers });
      write(endedEvent(session, state.reason, exit));
      // After an operator's signal the end is not held against the client: STOP makes any
      // child miss its deadlines.
      onEnded(session.source, operatorSignals.length > 0 ? null : state.reason);
    },
  };
}

function endedEvent(
  session: Session,
  reason: EndReason,
  { exitCode, signal, leftovers }: ReapedExit,
): LogEvent {
  const { servingMs, firstReplyMs, requests, bytesIn, bytesOut } = session.reported;
  const used = session.child.process.usage();
  return {
    event: "ended",
    ...identityOf(session),
    reason,
    exitCode,
    signal,
    ms: Date.now() - session.startedAt,
    servingMs,
    firstReplyMs,
    requests,
    bytesIn,
    bytesOut,
    cpuMs: used?.cpuMs ?? 0,
    maxResidentBytes: used?.maxResidentBytes ?? 0,
    leftovers,
  };
}
