/**
 * The connection to the history's database, which copes with whatever happens to its file: a full
 * disk, a file that was moved away. If the file cannot be opened at the start, the database is in
 * memory, and moves to the file once it can.
 */
import type { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { asError } from "../../shared/as-error.ts";
import { errorCode } from "../../shared/error-code.ts";
import { type FileModes, restoreModes } from "../os/file-modes.ts";
import { copyAll } from "./copy.ts";
import { openDatabase } from "./database.ts";
import { findLost, registerMaster } from "./lost-sessions.ts";

export interface HistoryFile {
  /** Null: in memory. */
  file: string | null;
  /** What the master may do with its files. Children of the master's user can take that away. */
  modes: FileModes;
  /** The master whose history this is. */
  instance: string;
}

export interface Connection {
  /** Returns the database. @throws if it cannot be opened. */
  database(): Database;
  /** Runs `action` on the database. @throws its error, with the file's name. */
  attempt<T>(action: () => T): T;
  /** Moves the history from memory to its file, if the file can be opened by now. */
  tryReturnToFile(): void;
  isInMemory(): boolean;
  /**
   * Returns why the history is in memory although it has a file; null if it is where it should be.
   */
  fallbackReason(): string | null;
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

export function createConnection({ file, modes, instance }: HistoryFile): Connection {
  let state: State = openAtStart();

  function openAtStart(): State {
    try {
      return open(file, instance, modes);
    } catch (error) {
      return fallBack(open(null, instance, []).db, error);
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

  function tryReturnToFile(): void {
    if (state.name !== "fallback" || Date.now() < state.retryAt) return;
    const memory = state.db;
    try {
      const opened = open(file, instance, modes);
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
    restoreModes(modes);
    if (state.name === "open" && file !== null && inodeOf(file) !== state.inode) close();
    const current = state.name === "closed" ? open(file, instance, modes) : state;
    state = current;
    return current.db;
  }

  function close(): void {
    if (state.name !== "closed") state.db.close();
    state = { name: "closed" };
  }

  /**
   * After a fault of the disk or of the file's contents, the file is reopened: it
   * may be another one by then.
   */
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
    database,
    attempt,
    tryReturnToFile,
    isInMemory: () => state.name === "fallback" || file === null,
    fallbackReason: () =>
      state.name === "fallback" ? `stored in memory for now: ${state.reason}` : null,
    close,
  };
}

function open(path: string | null, instance: string, modes: FileModes): State & { name: "open" } {
  restoreModes(modes);
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

function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

/** The database itself is sound: it is locked, or the disk is full. */
function isTemporary(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|FULL)/.test(errorCode(error) ?? "");
}
