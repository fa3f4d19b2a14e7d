/**
 * One child, live or ended, as its page shows it. Only the session's ID comes from outside; the PID
 * is the one that the master has for it at that moment.
 */
import { asError } from "../../shared/as-error.ts";
import type { History, SessionHistory, SessionRecord } from "../../shared/history.ts";
import type { LogEntry } from "../../shared/log.ts";
import type { Child, Master } from "../../shared/master.ts";
import type { ProcessDetails } from "../../shared/process-details.ts";
import { createProcessCache, type ProcessReading } from "./process-cache.ts";

export interface ChildSnapshot {
  /** Milliseconds since the epoch. */
  at: number;
  session: SessionRecord;
  /** The session's first and its newest log entries, oldest first. */
  log: readonly LogEntry[];
  /** How many entries between those are missing. */
  droppedLogEntries: number;
  /** Null if it has ended. */
  child: Child | null;
  /**
   * The process at `processAt`: now or, if the child has ended, when it was last
   * viewed. Null if it never was.
   */
  process: ProcessDetails | null;
  processAt: number | null;
  /** The process's sockets by inode; null is not a TCP socket. */
  sockets: ProcessReading["sockets"];
}

export interface ChildSnapshots {
  /**
   * Returns null if there is no such child, or its session has been deleted; an
   * error if the history fails.
   */
  take(id: string): Promise<ChildSnapshot | Error | null>;
  /**
   * Like `take`, given an earlier snapshot and what has been logged since: it
   * asks the history less often.
   */
  refresh(
    snapshot: ChildSnapshot,
    logged: readonly LogEntry[],
  ): Promise<ChildSnapshot | Error | null>;
}

/** A live child's page does without the history if that takes longer. */
const HISTORY_TIMEOUT_MS = 2000;

/**
 * Log entries that an open page of a live child has, and how many of them are the session's first.
 */
const MAX_LOG_ENTRIES = 500;
const FIRST_LOG_ENTRIES = 50;

type SnapshotLog = Pick<ChildSnapshot, "log" | "droppedLogEntries">;

export function createChildSnapshots(master: Master, history: History): ChildSnapshots {
  const processes = createProcessCache();

  async function takeLive(child: Child, log: SnapshotLog): Promise<ChildSnapshot> {
    const { details, at, sockets } = await processes.read(child);
    return {
      at: Date.now(),
      session: liveRecord(child),
      child,
      ...log,
      process: details,
      processAt: details === null ? null : at,
      sockets,
    };
  }

  async function take(id: string): Promise<ChildSnapshot | Error | null> {
    const response = await withTimeout(history.session(id));
    const stored = response instanceof Error ? null : response;
    const log = mergeLog(id, stored, master.log());
    const child = master.find(id);
    if (typeof child !== "string") return takeLive(child, log);
    // If it has just ended, or the disk is broken, the history does not say so.
    const isOutdated = stored === null || stored.session.reason === "live";
    const session = (isOutdated ? endedRecord(log.log) : null) ?? stored?.session;
    if (session === undefined) return response instanceof Error ? response : null;
    const reading = processes.last(id);
    return {
      at: Date.now(),
      session,
      ...log,
      child: null,
      process: reading?.details ?? null,
      processAt: reading?.at ?? null,
      sockets: reading?.sockets ?? new Map(),
    };
  }

  return {
    take,
    async refresh({ session: { id }, log, droppedLogEntries }, logged) {
      const child = master.find(id);
      return typeof child === "string"
        ? take(id)
        : takeLive(child, appendLog({ log, droppedLogEntries }, logged));
    },
  };
}

/** Combines the stored log of a session with the entries of the master's log that are newer. */
function mergeLog(
  id: string,
  stored: SessionHistory | null,
  masterLog: readonly LogEntry[],
): SnapshotLog {
  const log = stored?.log ?? [];
  const lastSeq = log.at(-1)?.seq ?? 0;
  const newer = masterLog.filter(
    ({ seq, event }) => seq > lastSeq && "id" in event && event.id === id,
  );
  return { log: [...log, ...newer], droppedLogEntries: stored?.droppedLogEntries ?? 0 };
}

/** Appends entries, and removes some from the middle if there are too many. */
function appendLog(
  { log, droppedLogEntries }: SnapshotLog,
  logged: readonly LogEntry[],
): SnapshotLog {
  const lastSeq = log.at(-1)?.seq ?? 0;
  const all = [...log, ...logged.filter(({ seq }) => seq > lastSeq)];
  const excess = Math.max(0, all.length - MAX_LOG_ENTRIES);
  all.splice(FIRST_LOG_ENTRIES, excess);
  return { log: all, droppedLogEntries: droppedLogEntries + excess };
}

/** Returns an error if the promise rejects or takes too long. */
async function withTimeout<Value>(promise: Promise<Value>): Promise<Value | Error> {
  const timeout = Promise.withResolvers<Error>();
  const timer = setTimeout(
    () => timeout.resolve(new Error(`no response within ${HISTORY_TIMEOUT_MS / 1000} s`)),
    HISTORY_TIMEOUT_MS,
  );
  try {
    return await Promise.race([promise, timeout.promise]);
  } catch (error) {
    return asError(error);
  } finally {
    clearTimeout(timer);
  }
}

function liveRecord({
  state: _state,
  lastActiveAt: _at,
  lastCommand: _command,
  uid: _uid,
  ...session
}: Child): SessionRecord {
  const end = { endedAt: null, reason: "live" as const, exitCode: null, signal: null };
  return { ...session, ...end, cpuMs: null, maxResidentBytes: null };
}

/** Reconstructs the record of an ended session from its log; null if that has no end. */
function endedRecord(log: readonly LogEntry[]): SessionRecord | null {
  const records = log.flatMap(({ at, event }) => {
    if (event.event !== "ended") return [];
    const { event: _, ms, ...session } = event;
    return { ...session, source: session.remoteAddress, startedAt: at - ms, endedAt: at };
  });
  return records[0] ?? null;
}
