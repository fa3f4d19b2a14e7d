/** Sessions whose end nobody told: their master was killed, or could not write it down. */
import type { Database } from "bun:sqlite";
import { readUsage } from "../../shared/proc.ts";

interface MasterRow {
  instance: string;
  pid: number;
  startTicks: number;
}

/** Says that this process writes here as `instance`. */
export function registerMaster(db: Database, instance: string): void {
  const startTicks = readUsage(process.pid)?.startTicks ?? 0;
  db.query("INSERT OR REPLACE INTO masters (instance, pid, startTicks) VALUES (?, ?, ?)").run(
    instance,
    process.pid,
    startTicks,
  );
}

/** Sessions without an end of masters that have ended are lost. One that lives somewhere else still tells its end. */
export function findLost(db: Database, own: string): void {
  const others = db
    .query<MasterRow, [string]>("SELECT * FROM masters WHERE instance <> ?")
    .all(own);
  const ended = others.filter((master) => !isAlive(master));
  if (ended.length === 0) return;
  db.transaction(() => {
    for (const { instance } of ended) {
      markLost(db, instance, []);
      db.query("DELETE FROM masters WHERE instance = ?").run(instance);
    }
  }).immediate();
}

/** Sessions of a master without an end, but for those in `live`. They were over when they were last heard of. */
export function markLost(db: Database, instance: string, live: readonly string[]): void {
  db.query(
    `UPDATE sessions SET reason = 'lost', overAt = coalesce(
       (SELECT at FROM entries WHERE session = sessions.seq ORDER BY entries.seq DESC LIMIT 1), startedAt)
     WHERE instance = ?1 AND overAt IS NULL AND id NOT IN (SELECT value FROM json_each(?2))`,
  ).run(instance, JSON.stringify(live));
}

function isAlive({ pid, startTicks }: MasterRow): boolean {
  // In a machine where brood is pid 1 the one before had that pid too, from the same moment on.
  if (pid === process.pid) return false;
  const usage = readUsage(pid);
  return usage !== null && usage.startTicks === startTicks && !/[ZX]/.test(usage.state);
}
