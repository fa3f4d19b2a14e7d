/** Stores the history: what the worker's thread does with the database. */
import type { Database } from "bun:sqlite";
import type { LogEntry } from "../../shared/log.ts";
import { createConnection, type HistoryFile } from "./connection.ts";
import { findLost, markLost } from "./lost-sessions.ts";
import { deleteExpired, type RetentionLimits } from "./retention.ts";
import { writeEntries } from "./write.ts";

export interface HistoryConfig extends HistoryFile, RetentionLimits {
  /** In place of `maxSessions` while the history is in memory. */
  maxSessionsInMemory: number;
}

export interface HistoryStore {
  /** Writes a batch. @throws if it could not be written. */
  write(entries: readonly LogEntry[]): void;
  /**
   * Returns why the history is in memory although it has a file; null if it is where it should be.
   */
  fallbackReason(): string | null;
  /**
   * Marks this master's sessions except those in `live`: their end may not have been
   * written. @throws as `write`
   */
  markLost(live: readonly string[]): void;
  /** Returns the database, to read from. @throws if it cannot be opened. */
  database(): Database;
  /**
   * Deletes some of what is too old or too much. Returns true if there may be more to
   * delete. @throws as `write`
   */
  maintain(): boolean;
  close(): void;
}

export function openHistoryStore({
  file,
  modes,
  instance,
  maxSessionsInMemory,
  ...limits
}: HistoryConfig): HistoryStore {
  const connection = createConnection({ file, modes, instance });
  const { attempt, database } = connection;
  return {
    write(entries) {
      connection.tryReturnToFile();
      attempt(() => writeEntries(database(), instance, entries));
    },
    fallbackReason: connection.fallbackReason,
    markLost: (live) => attempt(() => markLost(database(), instance, live)),
    database: () => attempt(database),
    maintain() {
      connection.tryReturnToFile();
      attempt(() => findLost(database(), instance));
      const maxSessions = connection.isInMemory() ? maxSessionsInMemory : limits.maxSessions;
      return attempt(() => deleteExpired(database(), { ...limits, maxSessions }));
    },
    close: connection.close,
  };
}
