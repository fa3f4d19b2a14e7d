/** What was logged, as rows: one for each session, its log, and what operators did. */
import type { Database } from "bun:sqlite";
import type { Ended, LogEntry, LogEvent } from "../../shared/log.ts";

/** Of a session's log so many entries from its beginning are kept, and so many of the newest. */
const FIRST_KEPT = 30;
const NEWEST_KEPT = 100;

/** So many more are let stand, so that not each entry of a long session has one taken out. */
const SLACK = 30;

/** What a batch tells of one session. */
interface Chapter {
  id: string;
  pid: number;
  remoteAddress: string;
  remotePort: number;
  source: string | null;
  startedAt: number;
  servingMs: number | null;
  firstReplyMs: number | null;
  requests: number;
  ended: (Ended & { at: number }) | null;
  entries: LogEntry[];
}

/** Writes a batch of one master's, all or nothing; a batch that was written before changes nothing. */
export function writeEntries(db: Database, instance: string, entries: readonly LogEntry[]): void {
  db.transaction(() => {
    for (const chapter of chapters(entries)) writeChapter(db, instance, chapter);
    for (const entry of entries) writeDeed(db, instance, entry);
  }).immediate();
}

function chapters(entries: readonly LogEntry[]): Iterable<Chapter> {
  const byId = new Map<string, Chapter>();
  for (const entry of entries) {
    const { at, event } = entry;
    if (!("id" in event)) continue;
    let chapter = byId.get(event.id);
    if (chapter === undefined) {
      chapter = newChapter(event, at);
      byId.set(event.id, chapter);
    }
    if ("pid" in event) chapter.pid = event.pid;
    chapter.entries.push(entry);
    note(chapter, at, event);
  }
  return byId.values();
}

function newChapter(
  event: LogEvent & { id: string; remoteAddress: string; remotePort: number },
  at: number,
): Chapter {
  const { id, remoteAddress, remotePort } = event;
  return {
    id,
    pid: 0,
    remoteAddress,
    remotePort,
    source: null,
    startedAt: at,
    servingMs: null,
    firstReplyMs: null,
    requests: 0,
    ended: null,
    entries: [],
  };
}

function note(chapter: Chapter, at: number, event: LogEvent): void {
  switch (event.event) {
    case "accepted":
      chapter.source = event.source;
      chapter.startedAt = event.startedAt;
      break;
    case "serving":
      chapter.servingMs = event.ms;
      break;
    case "first reply":
      chapter.firstReplyMs = event.ms;
      break;
    case "request":
      chapter.requests += 1;
      break;
    case "requests not listed":
      chapter.requests += event.count;
      break;
    case "ended":
      chapter.ended = { ...event, at };
      // Where the beginning was not written the end still tells when it was.
      if (chapter.source === null) chapter.startedAt = at - event.ms;
      break;
  }
}

/** What the end tells counts, whatever was known before; until then it is added to. */
const WRITE_SESSION = `
  INSERT INTO sessions (
    id, instance, pid, remoteAddress, remotePort, source, startedAt, servingMs, firstReplyMs, endedAt, overAt,
    reason, exitCode, signal, requests, bytesIn, bytesOut, cpuMs, maxResidentBytes, kept
  ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    pid = iif(excluded.pid > 0, excluded.pid, pid),
    servingMs = coalesce(excluded.servingMs, servingMs),
    firstReplyMs = coalesce(excluded.firstReplyMs, firstReplyMs),
    endedAt = coalesce(excluded.endedAt, endedAt),
    overAt = coalesce(excluded.overAt, overAt),
    reason = iif(excluded.overAt IS NULL, reason, excluded.reason),
    exitCode = coalesce(excluded.exitCode, exitCode),
    signal = coalesce(excluded.signal, signal),
    requests = iif(excluded.overAt IS NULL, requests + excluded.requests, excluded.requests),
    bytesIn = coalesce(excluded.bytesIn, bytesIn),
    bytesOut = coalesce(excluded.bytesOut, bytesOut),
    cpuMs = coalesce(excluded.cpuMs, cpuMs),
    maxResidentBytes = coalesce(excluded.maxResidentBytes, maxResidentBytes),
    kept = kept + excluded.kept
  RETURNING seq, kept`;

function writeChapter(db: Database, instance: string, chapter: Chapter): void {
  const { id, pid, remoteAddress, remotePort, startedAt, requests, ended, entries } = chapter;
  const written = db
    .query<{ seq: number; kept: number }, (string | number | null)[]>(WRITE_SESSION)
    .get(
      id,
      instance,
      pid,
      remoteAddress,
      remotePort,
      chapter.source ?? remoteAddress,
      startedAt,
      chapter.servingMs,
      chapter.firstReplyMs,
      ended?.at ?? null,
      ended?.at ?? null,
      ended?.reason ?? "live",
      ended?.exitCode ?? null,
      ended?.signal ?? null,
      ended?.requests ?? requests,
      ended?.bytesIn ?? null,
      ended?.bytesOut ?? null,
      ended?.cpuMs ?? null,
      ended?.maxResidentBytes ?? null,
      entries.length,
    );
  if (written === null) throw new Error(`session ${id} was not written`);
  const write = db.query(
    "INSERT OR IGNORE INTO entries (session, seq, at, event) VALUES (?, ?, ?, ?)",
  );
  for (const { seq, at, event } of entries) write.run(written.seq, seq, at, withoutWhom(event));
  const most = FIRST_KEPT + NEWEST_KEPT;
  if (written.kept > most + SLACK) dropMiddle(db, written.seq, written.kept - most);
}

/** That is the session's, for all its entries; but the client of a spare that is dead gets another child. */
function withoutWhom(event: LogEvent): string {
  const whom = { id: undefined, remoteAddress: undefined, remotePort: undefined };
  const child = event.event === "spawned" ? {} : { pid: undefined };
  return JSON.stringify({ ...event, ...whom, ...child });
}

function dropMiddle(db: Database, session: number, count: number): void {
  const { changes } = db
    .query(
      `DELETE FROM entries WHERE session = ?1 AND seq IN (
         SELECT seq FROM entries WHERE session = ?1 ORDER BY seq LIMIT ?2 OFFSET ${FIRST_KEPT})`,
    )
    .run(session, count);
  db.query("UPDATE sessions SET kept = kept - ?2, notKept = notKept + ?2 WHERE seq = ?1").run(
    session,
    changes,
  );
}

function writeDeed(db: Database, instance: string, { seq, at, event }: LogEntry): void {
  const operator = operatorOf(event);
  if (operator === null) return;
  const id = "id" in event ? event.id : null;
  db.query(
    "INSERT OR IGNORE INTO audit (instance, entry, at, operator, id, event) VALUES (?, ?, ?, ?, ?, ?)",
  ).run(instance, seq, at, operator, id, JSON.stringify(event));
}

/** Who did it, if it is something that an operator does; null where it is the master's own. */
export function operatorOf(event: LogEvent): string | null {
  switch (event.event) {
    case "signal sent":
    case "signal outcome":
      // Of an order to many one deed is kept: thousands would leave no room for any other.
      return event.by === "the master" || event.job !== null ? null : event.by;
    case "paused":
    case "resumed":
      return event.by;
    case "kill requested":
    case "kill cancelled":
    case "drain requested":
      return event.by;
    // Told by a signal, of which the kernel does not tell whose it is.
    case "reloaded":
      return "SIGHUP";
    case "stopping":
      return event.signal;
    default:
      return null;
  }
}
