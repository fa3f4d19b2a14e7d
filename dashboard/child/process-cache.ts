/** The details of children's processes, read from /proc at most about once a second for each. */
import { createLruMap } from "../../shared/lru-map.ts";
import type { Child } from "../../shared/master.ts";
import {
  isUnreadable,
  type ProcessDetails,
  type Readable,
  readDetails,
} from "../../shared/process-details.ts";
import { findSockets, type TcpSocket } from "../../shared/sockets.ts";

export interface ProcessReading {
  /** Null if the process could not be read. */
  details: ProcessDetails | null;
  /** When it was read: milliseconds since the epoch. */
  at: number;
  /** Its sockets by inode; null is not a TCP socket. */
  sockets: ReadonlyMap<string, TcpSocket | null>;
}

export interface ProcessCache {
  /** Returns a current reading; the last one if the process has gone in the meantime. */
  read(child: Child): Promise<ProcessReading>;
  /** Returns the last reading of a session's process, live or ended; undefined if there is none. */
  last(id: string): ProcessReading | undefined;
}

/** Details are many small files, so one reading serves several viewers. */
const MAX_READING_AGE_MS = 900;

const MAX_CHILDREN = 100;

const isLinux = process.platform === "linux";

export function createProcessCache(): ProcessCache {
  /** `readAt` is on the monotonic clock. */
  const readings = createLruMap<string, ProcessReading & { readAt: number }>(MAX_CHILDREN);

  return {
    async read({ id, pid }) {
      const known = readings.get(id);
      if (known !== undefined && performance.now() - known.readAt < MAX_READING_AGE_MS) {
        return known;
      }
      const details = (isLinux ? readDetails(pid) : null) ?? known?.details ?? null;
      const inodes = details === null ? [] : socketInodes(details);
      const sockets = await readSockets(pid, inodes, known?.sockets);
      const reading = { details, readAt: performance.now(), at: Date.now(), sockets };
      readings.set(id, reading);
      return reading;
    },
    last: (id) => readings.get(id),
  };
}

/** What a socket is connected to never changes, so only sockets not known yet are looked up. */
async function readSockets(
  pid: number,
  inodes: readonly string[],
  known: ProcessReading["sockets"] = new Map(),
): Promise<ProcessReading["sockets"]> {
  const unknown = inodes.filter((inode) => !known.has(inode));
  const found = unknown.length === 0 ? null : await findSockets(pid, unknown);
  return new Map(inodes.map((inode) => [inode, known.get(inode) ?? found?.get(inode) ?? null]));
}

/** Returns the inodes of the sockets among the listed files. */
function socketInodes({ files }: ProcessDetails): string[] {
  if (isUnreadable(files)) return [];
  return files.listed.flatMap(({ target }) => inodeOf(target) ?? []);
}

/** `socket:[4711]` → `4711`; null if it is not a socket. */
export function inodeOf(target: Readable<string>): string | null {
  return isUnreadable(target) ? null : (/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? null);
}
