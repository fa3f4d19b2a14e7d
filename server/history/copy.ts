/** Copies a history from one database to another. */
import type { Database } from "bun:sqlite";

type Row = Record<string, string | number | null>;

/**
 * Adds all of `from` to `to`, or nothing if it throws. A session that `to` already
 * has is left as it is there.
 */
export function copyAll(from: Database, to: Database): void {
  const copy = to.transaction(() => {
    for (const { seq, ...session } of rows(from, "SELECT * FROM sessions ORDER BY seq")) {
      if (insert(to, "sessions", session) === 0) continue;
      const [[newSeq] = []] = to.query("SELECT last_insert_rowid()").values();
      const log = rows(from, "SELECT * FROM entries WHERE session = ?", Number(seq));
      for (const entry of log) insert(to, "entries", { ...entry, session: Number(newSeq) });
    }
    for (const { seq: _, ...entry } of rows(from, "SELECT * FROM audit ORDER BY seq")) {
      insert(to, "audit", entry);
    }
  });
  copy.immediate();
}

function rows(db: Database, sql: string, ...values: number[]): IterableIterator<Row> {
  return db.query<Row, number[]>(sql).iterate(...values);
}

/**
 * Returns how many rows were inserted: 0 or 1. The names are those of our own
 * tables, so they need no quotes.
 */
function insert(db: Database, table: string, row: Row): number {
  const names = Object.keys(row);
  const sql = `INSERT OR IGNORE INTO ${table} (${names.join()}) VALUES (${names.map(() => "?").join()})`;
  return db.query(sql).run(...Object.values(row)).changes;
}
