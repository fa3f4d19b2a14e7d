/**
 * Keeps the history in its file, whatever becomes of that: a disk that is full, a file that somebody has moved
 * away. Where the file cannot be had from the start it is kept in memory, and moves to the file when it can.
 */
import { errorCode } from "../../shared/error-code.ts";
import { asError } from "../../shared/as-error.ts";
import type { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import type { LogEntry } from "../../shared/log.ts";
import { copyAll } from "./copy.ts";
import { type RetentionLimits, deleteExpired } from "./retention.ts";
import { registerMaster, findLost, markLost } from "./lost-sessions.ts";
import { openDatabase } from "./database.ts";
import { writeEntries } from "./write.ts";

export interface HistoryConfig extends RetentionLimits {
  /** Null: in memory. */
  file: string | null;
  /** Sessions where it is in memory. */
  sizeInMemory: number;
  /** The master whose history it is. */
  instance: string;
}

export interface HistoryStore {
  /** Takes a batch. @throws if it could not be written. */
  write(entries: readonly LogEntry[]): void;
  /** Why it is kept in memory and not in the file, or null. */
  exile(): string | null;
  /** Of this master's sessions these alone live: some that ended may not have been told. */
  settle(live: readonly string[]): void;
  /** To read from. @throws if it cannot be had. */
  database(): Database;
  /** Lets go some of what is too old or too much; true if there may be more to do. */
  upkeep(): boolean;
  close(): void;
}

/** How long (ms) after the file could not be had it is tried again. */
const RETRY = 5000;

export function openHistoryStore({
  file,
  instance,
  sizeInMemory,
  ...bounds
}: HistoryConfig): HistoryStore {
  let db: Database | null = null;
  /** Of the file, to see whether it is still there. */
  let inode = 0;
  let standIn: { why: string; tryAt: number } | null = null;

  function open(path: string | null): Database {
    const opened = openDatabase(path);
    try {
      registerMaster(opened, instance);
      findLost(opened, instance);
      if (path !== null) inode = statSync(path).ino;
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  function begin(): void {
    try {
      db = open(file);
    } catch (error) {
      standIn = { why: whyNot(error), tryAt: Date.now() + RETRY };
      db = open(null);
    }
  }

  /** Moves what is in memory to the file, if that can be had by now. */
  function returnToFile(memory: Database): void {
    if (standIn === null || Date.now() < standIn.tryAt) return;
    try {
      const opened = open(file);
      copyAll(memory, opened);
      memory.close();
      db = opened;
      standIn = null;
    } catch (error) {
      standIn = { why: whyNot(error), tryAt: Date.now() + RETRY };
    }
  }

  function database(): Database {
    if (db !== null && standIn === null && file !== null && hasGone(file)) letLoose();
    db ??= open(file);
    return db;
  }

  /** It is opened again when it is needed. */
  function letLoose(): void {
    db?.close();
    db = null;
  }

  function hasGone(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false })?.ino !== inode;
  }

  /** After a fault of the disk or of what is on it the file is opened anew: it may be another by then. */
  function attempt<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (standIn === null && !isPassing(error)) letLoose();
      throw new Error(whyNot(error), { cause: error });
    }
  }

  begin();
  return {
    write(entries) {
      if (standIn !== null && db !== null) returnToFile(db);
      attempt(() => writeEntries(database(), instance, entries));
    },
    exile: () => (standIn === null ? null : `kept in memory: ${standIn.why}`),
    settle: (live) => attempt(() => markLost(database(), instance, live)),
    database: () => attempt(database),
    upkeep() {
      if (standIn !== null && db !== null) returnToFile(db);
      attempt(() => findLost(database(), instance));
      const size = standIn === null && file !== null ? bounds.size : sizeInMemory;
      return attempt(() => deleteExpired(database(), { ...bounds, size }));
    },
    close: letLoose,
  };

  function whyNot(error: unknown): string {
    const text = asError(error).message;
    return file === null ? text : `${file}: ${text}`;
  }
}

/** The database itself is well: somebody else has it, or there is no room. */
function isPassing(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|FULL)/.test(errorCode(error) ?? "");
}
