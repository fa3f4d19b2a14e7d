/**
 * One child, live or ended, as somebody who looks at it sees it. The session's id is all that comes from outside: its
 * pid is the master's to say, at that moment.
 */
import { asError } from "../../shared/as-error.ts";
import type { History, SessionHistory, SessionRecord } from "../../shared/history.ts";
import { createLruMap } from "../../shared/lru-map.ts";
import type { LogEntry } from "../../shared/log.ts";
import type { Child, Master } from "../../shared/master.ts";
import {
  isUnreadable,
  type Readable,
  type ProcessDetails,
  readDetails,
} from "../../shared/process-details.ts";
import { findSockets, type TcpSocket } from "../../shared/sockets.ts";

export interface ChildSnapshot {
  at: number;
  session: SessionRecord;
  /** Its first and its newest entries, oldest first, and how many between them were not kept. */
  log: readonly LogEntry[];
  notKept: number;
  /** Null: it has ended. */
  child: Child | null;
  /** As it was at `processAt`, which is now or, once it has ended, when somebody last looked; null: nobody did. */
  process: ProcessDetails | null;
  processAt: number | null;
  /** Its sockets by their inode; null is none of TCP. */
  sockets: ReadonlyMap<string, TcpSocket | null>;
}

export interface ChildSnapshots {
  /** Null if there is no such child, or what was kept of it was let go; an error if the history does not answer. */
  take(id: string): Promise<ChildSnapshot | Error | null>;
  /** What has become of a live one since, of which this was logged meanwhile: as `look`, but asks the history less. */
  refresh(look: ChildSnapshot, logged: readonly LogEntry[]): Promise<ChildSnapshot | Error | null>;
}

/** Details this young (ms) serve the next reader too: they are many small files. */
const FRESH = 900;

/** How long (ms) the history may take: a live child's page does without it. */
const PATIENCE = 2000;

/** Entries of a live child's log that an open page has, and how many of them are the first. */
const MOST_LOG = 500;
const FIRST_LOG = 50;

const isLinux = process.platform === "linux";

/** Children whose details are kept for that, with their sockets. */
const MOST_KEPT = 100;

interface Detailed {
  details: ProcessDetails | null;
  /** On the clock of `performance.now`, and in ms since the epoch. */
  readAt: number;
  at: number;
  /** By inode; null is no TCP socket. What a socket is connected to changes no more. */
  sockets: Map<string, TcpSocket | null>;
}

export function createChildSnapshots(master: Master, history: History): ChildSnapshots {
  const detailed = createLruMap<string, Detailed>(MOST_KEPT);

  async function detailsOf({ id, pid }: Child): Promise<Detailed> {
    const known = detailed.get(id);
    if (known !== undefined && performance.now() - known.readAt < FRESH) return known;
    // Gone in the midst, it is shown as it was.
    const details = (isLinux ? readDetails(pid) : null) ?? known?.details ?? null;
    const inodes = details === null ? [] : socketsOf(details);
    const unknown = inodes.filter((inode) => !known?.sockets.has(inode));
    const found = unknown.length === 0 ? null : await findSockets(pid, unknown);
    const sockets = new Map(
      inodes.map((inode) => [inode, known?.sockets.get(inode) ?? found?.get(inode) ?? null]),
    );
    const one = { details, readAt: performance.now(), at: Date.now(), sockets };
    detailed.set(id, one);
    return one;
  }

  async function lookAt(
    child: Child,
    log: Pick<ChildSnapshot, "log" | "notKept">,
  ): Promise<ChildSnapshot> {
    const { details, at, sockets } = await detailsOf(child);
    const process = { process: details, processAt: details === null ? null : at, sockets };
    return { at: Date.now(), session: liveRecord(child), child, ...log, ...process };
  }

  async function look(id: string): Promise<ChildSnapshot | Error | null> {
    const answer = await inTime(history.session(id));
    const kept = answer instanceof Error ? null : answer;
    const told = logOf(id, kept, master.log());
    const child = master.find(id);
    if (typeof child !== "string") return lookAt(child, told);
    // It may have ended so lately that this is not written yet, or cannot be.
    const ended = kept === null || kept.session.reason === "live" ? endedRecord(told.log) : null;
    const session = ended ?? kept?.session;
    if (session === undefined) return answer instanceof Error ? answer : null;
    const known = detailed.get(id);
    return {
      at: Date.now(),
      session,
      ...told,
      child: null,
      process: known?.details ?? null,
      processAt: known?.at ?? null,
      sockets: known?.sockets ?? new Map(),
    };
  }

  return {
    take: look,
    async refresh({ session: { id }, log, notKept }, logged) {
      const child = master.find(id);
      if (typeof child === "string") return look(id);
      const last = log.at(-1)?.seq ?? 0;
      const all = [...log, ...logged.filter(({ seq }) => seq > last)];
      const more = Math.max(0, all.length - MOST_LOG);
      all.splice(FIRST_LOG, more);
      return lookAt(child, { log: all, notKept: notKept + more });
    },
  };
}

/** What is kept of a session's log, and what is newer than that. */
function logOf(id: string, kept: SessionHistory | null, newest: readonly LogEntry[]) {
  const log = kept?.log ?? [];
  const last = log.at(-1)?.seq ?? 0;
  const newer = newest.filter(({ seq, event }) => seq > last && "id" in event && event.id === id);
  return { log: [...log, ...newer], notKept: kept?.notKept ?? 0 };
}

/** What it gives, or why not. */
async function inTime<Value>(answer: Promise<Value>): Promise<Value | Error> {
  const late = Promise.withResolvers<Error>();
  const timer = setTimeout(() => late.resolve(new Error("it takes too long")), PATIENCE);
  try {
    return await Promise.race([answer, late.promise]);
  } catch (error) {
    return asError(error);
  } finally {
    clearTimeout(timer);
  }
}

/** The inodes of the sockets among the files that are listed. */
function socketsOf({ files }: ProcessDetails): string[] {
  if (isUnreadable(files)) return [];
  return files.listed.flatMap(({ target }) => inodeOf(target) ?? []);
}

/** `socket:[4711]` → `4711`; null for what is no socket. */
export function inodeOf(target: Readable<string>): string | null {
  return isUnreadable(target) ? null : (/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? null);
}

function liveRecord({
  state: _state,
  lastActiveAt: _at,
  lastCommand: _command,
  ...rest
}: Child): SessionRecord {
  const end = { endedAt: null, reason: "live" as const, exitCode: null, signal: null };
  return { ...rest, ...end, cpuMs: null, maxResidentBytes: null };
}

/** What its log tells of a session that the history does not know as ended: not yet, or its disk is broken. */
function endedRecord(log: readonly LogEntry[]): SessionRecord | null {
  const records = log.flatMap(({ at, event: told }) => {
    if (told.event !== "ended") return [];
    const { event: _, ms, ...rest } = told;
    return { ...rest, source: told.remoteAddress, startedAt: at - ms, endedAt: at };
  });
  return records[0] ?? null;
}
