/**
 * Deletes sessions that are too old or too many, in small steps so that nothing waits long for it.
 */
import type { Database } from "bun:sqlite";
import { pragma } from "./database.ts";

export interface RetentionLimits {
  /** Ended sessions, and as many entries of the audit log. */
  maxSessions: number;
  /** Since their end; 0: no limit. */
  maxAgeMs: number;
}

const MAX_SESSIONS_PER_STEP = 500;

/**
 * What a session and its log may take on average; usually it is 600 bytes. A few long logs fit, but
 * if all are long, fewer sessions are stored.
 */
const MAX_AVERAGE_SESSION_BYTES = 2048;

/** Allowed on top of that: about what the tables and indices take while they are empty. */
const FREE_ALLOWANCE_BYTES = 1_000_000;

/** Free pages beyond these are returned to the disk, this many at a time. */
const RESERVED_PAGES = 1024;

/** Does one step of deleting. Returns true if there may be more to delete. */
export function deleteExpired(
  db: Database,
  { maxSessions, maxAgeMs }: RetentionLimits,
  now = Date.now(),
): boolean {
  const oldest = maxAgeMs === 0 ? 0 : now - maxAgeMs;
  let deleted = 0;
  db.transaction(() => {
    const [ended = 0] = db
      .query("SELECT count(*) FROM sessions WHERE overAt IS NOT NULL")
      .values()[0] as number[];
    const tooOld = db
      .query<{ seq: number }, [number, number]>(
        "SELECT seq FROM sessions WHERE overAt < ? ORDER BY overAt LIMIT ?",
      )
      .all(oldest, MAX_SESSIONS_PER_STEP).length;
    const tooMany = Math.max(
      ended - maxSessions,
      isTooLarge(db, maxSessions) ? MAX_SESSIONS_PER_STEP : 0,
    );
    deleted = Math.min(Math.max(tooOld, tooMany), MAX_SESSIONS_PER_STEP);
    if (deleted > 0) deleteSessions(db, deleted);
    db.query("DELETE FROM audit WHERE at < ?").run(oldest);
    db.query(
      "DELETE FROM audit WHERE seq <= (SELECT seq FROM audit ORDER BY seq DESC LIMIT 1 OFFSET ?)",
    ).run(maxSessions);
  }).immediate();
  return deleted === MAX_SESSIONS_PER_STEP || returnPages(db);
}

/** Deletes the sessions that ended first. */
function deleteSessions(db: Database, count: number): void {
  const seqs = "SELECT seq FROM sessions WHERE overAt IS NOT NULL ORDER BY overAt LIMIT ?";
  db.query(`DELETE FROM entries WHERE session IN (${seqs})`).run(count);
  db.query(`DELETE FROM sessions WHERE seq IN (${seqs})`).run(count);
}

function isTooLarge(db: Database, maxSessions: number): boolean {
  const used = pragma(db, "page_count") - pragma(db, "freelist_count");
  const maxBytes = FREE_ALLOWANCE_BYTES + maxSessions * MAX_AVERAGE_SESSION_BYTES;
  return used * pragma(db, "page_size") > maxBytes;
}

/** Returns free pages to the disk if there are many. Returns true if it did. */
function returnPages(db: Database): boolean {
  const free = pragma(db, "freelist_count");
  // Pages freed today are needed again tomorrow: returning them costs writes, and is worth
  // it only if there are many.
  if (free <= RESERVED_PAGES || free < pragma(db, "page_count") / 4) return false;
  db.run(`PRAGMA incremental_vacuum(${RESERVED_PAGES})`);
  return true;
}
