/** Sessions whose end was not recorded: their master was killed, or could not write it. */
import type { Database } from "bun:sqlite";
import { readUsage } from "../../shared/proc.ts";

interface MasterRow {
  instance: string;
  pid: number;
  startTicks: number;
}

/** Records that this process writes here as `instance`. */
export function registerMaster(db: Database, instance: string): void {
  const startTicks = readUsage(process.pid)?.startTicks ?? 0;
  db.query("INSERT OR REPLACE INTO masters (instance, pid, startTicks) VALUES (?, ?, ?)").run(
    instance,
    process.pid,
    startTicks,
  );
}

/**
 * Marks the sessions of masters that are dead as lost. Another live master still
 * records the end of its own.
 */
export function findLost(db: Database, own: string): void {
  const others = db
    .query<MasterRow, [string]>("SELECT * FROM masters WHERE instance <> ?")
    .all(own);
  const dead = others.filter((master) => !isAlive(master));
  if (dead.length === 0) return;
  db.transaction(() => {
    for (const { instance } of dead) {
      markLost(db, instance, []);
      db.query("DELETE FROM masters WHERE instance = ?").run(instance);
    }
  }).immediate();
}

/**
 * Marks a master's sessions without an end, except those in `live`. The last log
 * entry counts as their end.
 */
export function markLost(db: Database, instance: string, live: readonly string[]): void {
  db.query(
    `UPDATE sessions SET reason = 'lost', overAt = coalesce(
       (SELECT at FROM entries WHERE session = sessions.seq ORDER BY entries.seq DESC LIMIT 1), startedAt)
     WHERE instance = ?1 AND overAt IS NULL AND id NOT IN (SELECT value FROM json_each(?2))`,
  ).run(instance, JSON.stringify(live));
}

function isAlive({ pid, startTicks }: MasterRow): boolean {
  // In a container, the master before this one may have had the same PID and the same start.
  if (pid === process.pid) return false;
  const usage = readUsage(pid);
  return usage !== null && usage.startTicks === startTicks && !/[ZX]/.test(usage.state);
}
