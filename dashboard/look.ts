/**
 * One child, live or ended, as somebody who looks at it sees it. The session's id is all that comes from outside: its
 * pid is the master's to say, at that moment.
 */
import type { History, SessionRecord } from "../shared/history.ts";
import type { LogEntry } from "../shared/log.ts";
import type { Child, Master } from "../shared/master.ts";
import { isUnreadable, type ProcessDetails, readDetails } from "../shared/process-details.ts";
import { findSockets, type Socket } from "../shared/sockets.ts";

export interface Look {
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
  sockets: ReadonlyMap<string, Socket | null>;
}

export interface Looker {
  /** Null if there is no such child, or what was kept of it was let go. */
  look(id: string): Promise<Look | null>;
}

/** Details this young (ms) serve the next reader too: they are many small files. */
const FRESH = 900;

const isLinux = process.platform === "linux";

/** Children whose details are kept for that, with their sockets. */
const MOST_KEPT = 100;

interface Detailed {
  details: ProcessDetails | null;
  /** On the clock of `performance.now`, and in ms since the epoch. */
  readAt: number;
  at: number;
  /** By inode; null is no TCP socket. What a socket is connected to changes no more. */
  sockets: Map<string, Socket | null>;
}

export function createLooker(master: Master, history: History | null): Looker {
  const detailed = new Map<string, Detailed>();

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
    detailed.delete(id);
    detailed.set(id, one);
    const [oldest] = detailed.keys();
    if (detailed.size > MOST_KEPT && oldest !== undefined) detailed.delete(oldest);
    return one;
  }

  return {
    async look(id) {
      let kept = (await history?.session(id)) ?? null;
      let found = master.find(id);
      // It ended meanwhile.
      if (typeof found === "string" && kept?.session.reason === "live") {
        kept = (await history?.session(id)) ?? null;
        found = master.find(id);
      }
      const child = typeof found === "string" ? null : found;
      const log = kept?.log ?? master.log().filter(({ event }) => "id" in event && event.id === id);
      const session = child === null ? (kept?.session ?? endedRecord(log)) : liveRecord(child);
      if (session === null) return null;
      const known = child === null ? detailed.get(id) : await detailsOf(child);
      return {
        at: Date.now(),
        session,
        log,
        notKept: kept?.notKept ?? 0,
        child,
        process: known?.details ?? null,
        processAt: known?.at ?? null,
        sockets: known?.sockets ?? new Map(),
      };
    },
  };
}

/** The inodes of the sockets among the files that are listed. */
function socketsOf({ files }: ProcessDetails): string[] {
  if (isUnreadable(files)) return [];
  return files.listed.flatMap(({ target }) => inodeOf(target) ?? []);
}

/** `socket:[4711]` → `4711`; null for what is no socket. */
export function inodeOf(target: string): string | null {
  return /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? null;
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

/** What the newest log entries of all tell, where the history knows nothing of a session, as with a broken disk. */
function endedRecord(log: readonly LogEntry[]): SessionRecord | null {
  const records = log.flatMap(({ at, event: told }) => {
    if (told.event !== "ended") return [];
    const { event: _, ms, ...rest } = told;
    return { ...rest, source: told.remoteAddress, startedAt: at - ms, endedAt: at };
  });
  return records[0] ?? null;
}
