/** What is too old or too much is let go, a little at a time: nobody waits long for it to be done. */
import type { Database } from "bun:sqlite";
import { pragma } from "./database.ts";

export interface RetentionLimits {
  /** Ended sessions, and as many deeds of operators. */
  size: number;
  /** How long (ms) they are kept; 0: whatever their age. */
  age: number;
}

/** Sessions that go in one step. */
const STEP = 500;

/**
 * Bytes that a session and its log have on average at the most; usual are 600. There may be sessions with much
 * to tell, but if all have, fewer are kept.
 */
const AVERAGE = 2048;

/** Bytes of the file whose size is nobody's concern: tables and indices that are all but empty. */
const LEAST = 1_000_000;

/** Free pages that stay for what comes; they go back to the disk where there are more, and so many at a time. */
const SPARE_PAGES = 1024;

/** One step; true if there may be more to do. */
export function deleteExpired(
  db: Database,
  { size, age }: RetentionLimits,
  now = Date.now(),
): boolean {
  const past = age === 0 ? 0 : now - age;
  let gone = 0;
  db.transaction(() => {
    const [ended = 0] = db
      .query("SELECT count(*) FROM sessions WHERE overAt IS NOT NULL")
      .values()[0] as number[];
    const old = db
      .query<{ seq: number }, [number, number]>(
        "SELECT seq FROM sessions WHERE overAt < ? ORDER BY overAt LIMIT ?",
      )
      .all(past, STEP).length;
    const tooMany = Math.max(ended - size, isTooLarge(db, size) ? STEP : 0);
    gone = Math.min(Math.max(old, tooMany), STEP);
    if (gone > 0) forget(db, gone);
    db.query("DELETE FROM audit WHERE at < ?").run(past);
    db.query(
      "DELETE FROM audit WHERE seq <= (SELECT seq FROM audit ORDER BY seq DESC LIMIT 1 OFFSET ?)",
    ).run(size);
  }).immediate();
  return gone === STEP || giveBack(db);
}

/** Those that ended first. */
function forget(db: Database, count: number): void {
  const seqs = "SELECT seq FROM sessions WHERE overAt IS NOT NULL ORDER BY overAt LIMIT ?";
  db.query(`DELETE FROM entries WHERE session IN (${seqs})`).run(count);
  db.query(`DELETE FROM sessions WHERE seq IN (${seqs})`).run(count);
}

function isTooLarge(db: Database, size: number): boolean {
  const used = pragma(db, "page_count") - pragma(db, "freelist_count");
  return used * pragma(db, "page_size") > LEAST + size * AVERAGE;
}

function giveBack(db: Database): boolean {
  const free = pragma(db, "freelist_count");
  // What is let go today is needed again tomorrow; only after much has gone is it worth the writing.
  if (free <= SPARE_PAGES || free < pragma(db, "page_count") / 4) return false;
  db.run(`PRAGMA incremental_vacuum(${SPARE_PAGES})`);
  return true;
}
