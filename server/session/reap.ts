/** The end of a session: its child has been reaped, and what is left of it is ended and recorded. */
import type { LogEvent } from "../../shared/log.ts";
import type { EndReason } from "../../shared/outcome.ts";
import { killAll, type ProcessId } from "../os/descendants.ts";
import { signalProcessGroup } from "../os/process-group.ts";
import { flushUnlisted } from "./child-messages.ts";
import type { Rooms } from "./rooms.ts";
import { advance, identityOf, type Session } from "./session.ts";
import type { Table } from "./table.ts";

/**
 * How long the descendants of a child may take to end by themselves, after the child has gone and their terminal
 * was hung up.
 */
const DESCENDANTS_GRACE_MS = 500;

/** How a reaped child ended: `exitCode` is null if a signal did it. */
export interface ReapedExit {
  exitCode: number | null;
  signal: string | null;
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
  /** Resolves when what ran below the children reaped so far has been killed. */
  cleanup(): Promise<unknown>;
}

export function createReaper({ table, rooms, write, onEnded }: ReaperContext): Reaper {
  const pendingKills = new Set<Promise<void>>();

  function killDescendants(descendants: readonly ProcessId[]): void {
    if (descendants.length === 0) return;
    const pending = killAfterGrace(descendants);
    pendingKills.add(pending);
    void pending.finally(() => pendingKills.delete(pending));
  }

  return {
    reap(session, exit) {
      killProcessGroup(session.child.pid);
      killDescendants(session.signals.descendants);
      const { isProgram } = session;
      const { fromOperator: operatorSignals, terminationCause } = session.signals;
      const event = { type: "exited", operatorSignals, terminationCause, isProgram } as const;
      const state = advance(session, { ...event, ...exit });
      if (state.name !== "ended") return;
      table.remove(session);
      rooms.leave(session);
      flushUnlisted(session, write);
      session.ended.resolve(state.reason);
      write(endedEvent(session, state.reason, exit));
      // After an operator's signal the end is not held against the client: STOP makes any child miss its deadlines.
      onEnded(session.source, operatorSignals.length > 0 ? null : state.reason);
    },
    cleanup: () => Promise.all(pendingKills),
  };
}

/**
 * Kills what a child that was just reaped has left behind in its process group. While a process is in the group,
 * the kernel gives its number to no other.
 */
export function killProcessGroup(pid: number): void {
  signalProcessGroup(pid, "KILL");
}

/** Kills the processes that were below a child when it was asked to end, whatever groups they have moved to. */
export async function killAfterGrace(descendants: readonly ProcessId[]): Promise<void> {
  await Bun.sleep(DESCENDANTS_GRACE_MS);
  killAll(descendants);
}

function endedEvent(
  session: Session,
  reason: EndReason,
  { exitCode, signal }: ReapedExit,
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
  };
}
