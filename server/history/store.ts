/**
 * Stores the history in its file and copes with whatever happens to that: a full disk, a file that was moved away.
 * If the file cannot be opened at the start, the history is stored in memory, and moves to the file once it can.
 */
import type { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { asError } from "../../shared/as-error.ts";
import { errorCode } from "../../shared/error-code.ts";
import type { LogEntry } from "../../shared/log.ts";
import { copyAll } from "./copy.ts";
import { openDatabase } from "./database.ts";
import { findLost, markLost, registerMaster } from "./lost-sessions.ts";
import { deleteExpired, type RetentionLimits } from "./retention.ts";
import { writeEntries } from "./write.ts";

export interface HistoryConfig extends RetentionLimits {
  /** Null: in memory. */
  file: string | null;
  /** In place of `maxSessions` while the history is in memory. */
  maxSessionsInMemory: number;
  /** The master whose history this is. */
  instance: string;
}

export interface HistoryStore {
  /** Writes a batch. @throws if it could not be written. */
  write(entries: readonly LogEntry[]): void;
  /** Returns why the history is in memory although it has a file; null if it is where it should be. */
  fallbackReason(): string | null;
  /** Marks this master's sessions except those in `live`: their end may not have been written. @throws as `write` */
  markLost(live: readonly string[]): void;
  /** Returns the database, to read from. @throws if it cannot be opened. */
  database(): Database;
  /** Deletes some of what is too old or too much. Returns true if there may be more to delete. @throws as `write` */
  maintain(): boolean;
  close(): void;
}

/** After the file could not be opened. */
const RETRY_INTERVAL_MS = 5000;

type State =
  /** To be opened again when it is needed. */
  | { name: "closed" }
  /** In the file with this inode, or in memory as it has no file. */
  | { name: "open"; db: Database; inode: number | null }
  /** In memory until the file can be opened. */
  | { name: "fallback"; db: Database; reason: string; retryAt: number };

export function openHistoryStore({
  file,
  instance,
  maxSessionsInMemory,
  ...limits
}: HistoryConfig): HistoryStore {
  let state: State = openAtStart();

  function open(path: string | null): State & { name: "open" } {
    const db = openDatabase(path);
    try {
      registerMaster(db, instance);
      findLost(db, instance);
      return { name: "open", db, inode: path === null ? null : statSync(path).ino };
    } catch (error) {
      db.close();
      throw error;
    }
  }

  function openAtStart(): State {
    try {
      return open(file);
    } catch (error) {
      return fallBack(open(null).db, error);
    }
  }

  function fallBack(db: Database, error: unknown): State {
    return {
      name: "fallback",
      db,
      reason: reasonOf(error),
      retryAt: Date.now() + RETRY_INTERVAL_MS,
    };
  }

  /** Moves the history from memory to the file, if it can be opened by now. */
  function tryReturnToFile(): void {
    if (state.name !== "fallback" || Date.now() < state.retryAt) return;
    const memory = state.db;
    try {
      const opened = open(file);
      try {
        copyAll(memory, opened.db);
      } catch (error) {
        opened.db.close();
        throw error;
      }
      memory.close();
      state = opened;
    } catch (error) {
      state = fallBack(memory, error);
    }
  }

  function database(): Database {
    if (state.name === "open" && file !== null && inodeOf(file) !== state.inode) close();
    const current = state.name === "closed" ? open(file) : state;
    state = current;
    return current.db;
  }

  function close(): void {
    if (state.name !== "closed") state.db.close();
    state = { name: "closed" };
  }

  /** After a fault of the disk or of the file's contents, the file is reopened: it may be another one by then. */
  function attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (state.name === "open" && !isTemporary(error)) close();
      throw new Error(reasonOf(error), { cause: error });
    }
  }

  function reasonOf(error: unknown): string {
    const text = asError(error).message;
    return file === null ? text : `${file}: ${text}`;
  }

  return {
    write(entries) {
      tryReturnToFile();
      attempt(() => writeEntries(database(), instance, entries));
    },
    fallbackReason: () =>
      state.name === "fallback" ? `stored in memory for now: ${state.reason}` : null,
    markLost: (live) => attempt(() => markLost(database(), instance, live)),
    database: () => attempt(database),
    maintain() {
      tryReturnToFile();
      attempt(() => findLost(database(), instance));
      const isInMemory = state.name === "fallback" || file === null;
      const maxSessions = isInMemory ? maxSessionsInMemory : limits.maxSessions;
      return attempt(() => deleteExpired(database(), { ...limits, maxSessions }));
    },
    close,
  };
}

function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

/** The database itself is sound: it is locked, or the disk is full. */
function isTemporary(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|FULL)/.test(errorCode(error) ?? "");
}
