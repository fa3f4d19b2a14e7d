/**
 * Writes log entries as rows: one for each session, one for each entry of its log, one
 * for each operator's action.
 */
import type { Database } from "bun:sqlite";
import type { Ended, LogEntry, LogEvent } from "../../shared/log.ts";

/** Of a long log only the first and the newest entries are stored. */
const MAX_FIRST_ENTRIES = 30;
const MAX_NEWEST_ENTRIES = 100;

/** This many more may stay, so that entries are deleted in groups rather than one by one. */
const SLACK_ENTRIES = 30;

/** What a batch says about one session. */
interface SessionUpdate {
  id: string;
  pid: number;
  remoteAddress: string;
  remotePort: number;
  source: string | null;
  startedAt: number;
  servingMs: number | null;
  firstReplyMs: number | null;
  ended: (Ended & { at: number }) | null;
  entries: LogEntry[];
}

/**
 * Writes a batch of one master's entries, all or nothing. Writing a batch twice changes nothing.
 */
export function writeEntries(db: Database, instance: string, entries: readonly LogEntry[]): void {
  db.transaction(() => {
    for (const update of groupBySession(entries)) writeSession(db, instance, update);
    for (const entry of entries) writeAuditEntry(db, instance, entry);
  }).immediate();
}

function groupBySession(entries: readonly LogEntry[]): Iterable<SessionUpdate> {
  const byId = new Map<string, SessionUpdate>();
  for (const entry of entries) {
    const { at, event } = entry;
    if (!("id" in event)) continue;
    let update = byId.get(event.id);
    if (update === undefined) {
      update = newUpdate(event, at);
      byId.set(event.id, update);
    }
    if ("pid" in event) update.pid = event.pid;
    update.entries.push(entry);
    apply(update, at, event);
  }
  return byId.values();
}

function newUpdate(
  event: LogEvent & { id: string; remoteAddress: string; remotePort: number },
  at: number,
): SessionUpdate {
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
    ended: null,
    entries: [],
  };
}

function apply(update: SessionUpdate, at: number, event: LogEvent): void {
  switch (event.event) {
    case "accepted":
      update.source = event.source;
      update.startedAt = event.startedAt;
      break;
    case "serving":
      update.servingMs = event.ms;
      break;
    case "first reply":
      update.firstReplyMs = event.ms;
      break;
    case "ended":
      update.ended = { ...event, at };
      // If the beginning was not written, the end still has the duration.
      if (update.source === null) update.startedAt = at - event.ms;
      break;
  }
}

/**
 * The event of the end has the final figures; until then, the requests of each batch are added up.
 */
const WRITE_SESSION = `
  INSERT INTO sessions (
    id, instance, pid, remoteAddress, remotePort, source, startedAt, servingMs, firstReplyMs, endedAt, overAt,
    reason, exitCode, signal, requests, bytesIn, bytesOut, cpuMs, maxResidentBytes, storedLogEntries
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
    storedLogEntries = storedLogEntries + excluded.storedLogEntries
  RETURNING seq, storedLogEntries`;

function writeSession(db: Database, instance: string, update: SessionUpdate): void {
  const { id, pid, remoteAddress, remotePort, startedAt, ended } = update;
  // What is not newer than the stored log was written before, although its middle
  // may have been deleted since.
  const newest = newestEntry(db, id);
  const entries = update.entries.filter(({ seq }) => seq > newest);
  const written = db
    .query<{ seq: number; storedLogEntries: number }, (string | number | null)[]>(WRITE_SESSION)
    .get(
      id,
      instance,
      pid,
      remoteAddress,
      remotePort,
      update.source ?? remoteAddress,
      startedAt,
      update.servingMs,
      update.firstReplyMs,
      ended?.at ?? null,
      ended?.at ?? null,
      ended?.reason ?? "live",
      ended?.exitCode ?? null,
      ended?.signal ?? null,
      ended?.requests ?? entries.reduce((sum, { event }) => sum + requestsIn(event), 0),
      ended?.bytesIn ?? null,
      ended?.bytesOut ?? null,
      ended?.cpuMs ?? null,
      ended?.maxResidentBytes ?? null,
      entries.length,
    );
  if (written === null) throw new Error(`session ${id} was not written`);
  const insert = db.query("INSERT INTO entries (session, seq, at, event) VALUES (?, ?, ?, ?)");
  for (const { seq, at, event } of entries)
    insert.run(written.seq, seq, at, withoutIdentity(event));
  const max = MAX_FIRST_ENTRIES + MAX_NEWEST_ENTRIES;
  const excess = written.storedLogEntries - max;
  if (excess > SLACK_ENTRIES) deleteMiddle(db, written.seq, excess);
}

/** Returns the `seq` of the newest stored entry of a session; 0 if there is none. */
function newestEntry(db: Database, id: string): number {
  const [[newest = null] = []] = db
    .query(
      "SELECT (SELECT max(seq) FROM entries WHERE session = sessions.seq) FROM sessions WHERE id = ?",
    )
    .values(id) as (number | null)[][];
  return newest ?? 0;
}

function requestsIn(event: LogEvent): number {
  if (event.event === "request") return 1;
  return event.event === "requests not listed" ? event.count : 0;
}

/**
 * Returns an event as JSON, without the identity that all events of its session share. "spawned"
 * has its PID: if a spare is dead, its client gets another child.
 */
function withoutIdentity(event: LogEvent): string {
  const identity = { id: undefined, remoteAddress: undefined, remotePort: undefined };
  const child = event.event === "spawned" ? {} : { pid: undefined };
  return JSON.stringify({ ...event, ...identity, ...child });
}

/** Deletes entries after the first ones. */
function deleteMiddle(db: Database, session: number, count: number): void {
  const { changes } = db
    .query(
      `DELETE FROM entries WHERE session = ?1 AND seq IN (
         SELECT seq FROM entries WHERE session = ?1 ORDER BY seq LIMIT ?2 OFFSET ${MAX_FIRST_ENTRIES})`,
    )
    .run(session, count);
  db.query(
    `UPDATE sessions SET storedLogEntries = storedLogEntries - ?2, droppedLogEntries = droppedLogEntries + ?2
     WHERE seq = ?1`,
  ).run(session, changes);
}

function writeAuditEntry(db: Database, instance: string, { seq, at, event }: LogEntry): void {
  const operator = operatorOf(event);
  if (operator === null) return;
  const id = "id" in event ? event.id : null;
  db.query(
    "INSERT OR IGNORE INTO audit (instance, entry, at, operator, id, event) VALUES (?, ?, ?, ?, ?, ?)",
  ).run(instance, seq, at, operator, id, JSON.stringify(event));
}

/**
 * Returns the operator if the event is something that an operator did; null for all other events.
 */
export function operatorOf(event: LogEvent): string | null {
  switch (event.event) {
    case "signal sent":
    case "signal outcome":
      // A kill of many is one entry, "kill requested": thousands would leave no room for others.
      return event.by === "the master" || event.job !== null ? null : event.by;
    case "paused":
    case "resumed":
      return event.by;
    case "kill requested":
    case "kill cancelled":
    case "drain requested":
    case "wrong password":
      return event.by;
    // Caused by a signal, and the kernel does not say whose.
    case "reloaded":
      return "SIGHUP";
    case "stopping":
      return event.signal;
    default:
      return null;
  }
}
