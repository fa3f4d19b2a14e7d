/** Moves a history from one database to another. */
import type { Database } from "bun:sqlite";

type Row = Record<string, string | number | null>;

/** What `to` has already stays as it is there. All of it or nothing. */
export function copyAll(from: Database, to: Database): void {
  const copy = to.transaction(() => {
    for (const { seq, ...session } of rows(from, "SELECT * FROM sessions ORDER BY seq")) {
      if (insert(to, "sessions", session) === 0) continue;
      const [[place] = []] = to.query("SELECT last_insert_rowid()").values();
      const log = rows(from, "SELECT * FROM entries WHERE session = ?", Number(seq));
      for (const entry of log) insert(to, "entries", { ...entry, session: Number(place) });
    }
    for (const { seq: _, ...deed } of rows(from, "SELECT * FROM audit ORDER BY seq")) {
      insert(to, "audit", deed);
    }
  });
  copy.immediate();
}

function rows(db: Database, sql: string, ...values: number[]): IterableIterator<Row> {
  return db.query<Row, number[]>(sql).iterate(...values);
}

/** Names are those of our own tables. */
function insert(db: Database, table: string, row: Row): number {
  const names = Object.keys(row);
  const sql = `INSERT OR IGNORE INTO ${table} (${names.join()}) VALUES (${names.map(() => "?").join()})`;
  return db.query(sql).run(...Object.values(row)).changes;
}
