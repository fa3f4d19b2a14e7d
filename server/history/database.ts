/**
 * The database that holds the history.
 *
 * It uses a rollback journal, not a write-ahead log. The index of a log is mapped into memory: if
 * its disk is pulled out, or is a full one that copies on write (btrfs), touching it raises SIGBUS,
 * which would end the whole master and not just the write. The time that a log saves is not needed:
 * there are at most four transactions a second, in a thread that may wait.
 */
import { Database } from "bun:sqlite";
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { migrate, MIN_SCHEMA_VERSION } from "./migrate.ts";

/** `bROO`: marks our files, whatever they are called. */
const APPLICATION_ID = 0x62_52_4f_4f;

/**
 * Increases whenever the tables, or the events in them, change: then `migrate` takes the
 * step from the one before.
 */
const SCHEMA_VERSION = 2;

/**
 * How long to wait for a lock: of another master that uses the file, or of someone who reads it.
 */
const LOCK_TIMEOUT_MS = 3000;

const TABLES = `
  -- The masters that write here. A PID with its start, in ticks since boot, identifies a process.
  CREATE TABLE masters (
    instance TEXT PRIMARY KEY, pid INTEGER NOT NULL, startTicks INTEGER NOT NULL
  ) WITHOUT ROWID;
  -- As SessionRecord. overAt: when it ended, or its last log entry if it was lost.
  -- storedLogEntries, droppedLogEntries: how many of its log entries are stored, and how many were deleted.
  CREATE TABLE sessions (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, instance TEXT NOT NULL, pid INTEGER NOT NULL,
    remoteAddress TEXT NOT NULL, remotePort INTEGER NOT NULL, source TEXT NOT NULL,
    startedAt INTEGER NOT NULL, servingMs REAL, firstReplyMs REAL, endedAt INTEGER, overAt INTEGER,
    reason TEXT NOT NULL, exitCode INTEGER, signal TEXT, requests INTEGER NOT NULL,
    bytesIn INTEGER, bytesOut INTEGER, cpuMs REAL, maxResidentBytes INTEGER,
    storedLogEntries INTEGER NOT NULL, droppedLogEntries INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX sessionsByStart ON sessions (startedAt);
  CREATE INDEX sessionsByReason ON sessions (reason, startedAt);
  CREATE INDEX sessionsByEnd ON sessions (overAt) WHERE overAt IS NOT NULL;
  CREATE INDEX sessionsLive ON sessions (instance) WHERE overAt IS NULL;
  -- The log of each session. seq: the entry's in its master's log. event: without the session's identity.
  CREATE TABLE entries (
    session INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL,
    PRIMARY KEY (session, seq)
  ) WITHOUT ROWID;
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, entry INTEGER NOT NULL,
    at INTEGER NOT NULL, operator TEXT NOT NULL, id TEXT, event TEXT NOT NULL, UNIQUE (instance, entry)
  );
  CREATE INDEX auditByTime ON audit (at);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Opens the database in `file`, which is created if there is none and migrated if an earlier
 * version of brood created it; in memory if `file` is null. The caller closes it.
 * @throws if it cannot be opened, or is not one of ours: then it is left as it is.
 */
export function openDatabase(file: string | null): Database {
  if (file !== null) createFile(file);
  const db = new Database(file ?? ":memory:", { strict: true });
  try {
    prepare(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const { O_WRONLY, O_CREAT, O_NONBLOCK } = constants;

function createFile(file: string): void {
  // Readable by this user only, and so is the journal beside it: children run as other users,
  // and it holds data of all clients. O_NONBLOCK: opening a pipe would otherwise wait for a
  // process at its other end.
  const fd = openSync(file, O_WRONLY | O_CREAT | O_NONBLOCK, 0o600);
  try {
    if (!fstatSync(fd).isFile()) throw new Error("not a regular file");
  } finally {
    closeSync(fd);
  }
}

function prepare(db: Database): void {
  db.run(`PRAGMA busy_timeout = ${LOCK_TIMEOUT_MS}`);
  if (pragma(db, "schema_version") === 0) {
    // Lets free pages be returned to the disk. It must be set before the first table is created.
    db.run("PRAGMA auto_vacuum = INCREMENTAL");
  } else {
    checkOwn(db);
  }
  db.run("PRAGMA journal_mode = TRUNCATE");
  // A batch counts as written once it is on the disk, so that it survives a crash of the machine.
  db.run("PRAGMA synchronous = FULL");
  // Sort in memory, never on the disk.
  db.run("PRAGMA temp_store = MEMORY");
  const createOrMigrate = db.transaction(() => {
    if (pragma(db, "schema_version") === 0) db.run(TABLES);
    // Checked again: another master may have just created the tables.
    else migrate(db, checkOwn(db));
  });
  createOrMigrate.immediate();
}

/**
 * Returns the version of the schema. @throws if the database is not one of
 * ours, or of a later version.
 */
function checkOwn(db: Database): number {
  if (pragma(db, "application_id") !== APPLICATION_ID) {
    throw new Error("a database of another program");
  }
  const version = pragma(db, "user_version");
  if (version < MIN_SCHEMA_VERSION || version > SCHEMA_VERSION)
    throw new Error(`created by another version of brood (schema ${version})`);
  return version;
}

/** Returns the value of a numeric pragma. */
export function pragma(db: Database, name: string): number {
  return Number(db.query(`PRAGMA ${name}`).values()[0]?.[0] ?? 0);
}
