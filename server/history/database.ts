/**
 * The database that holds the history.
 *
 * It has a rollback journal and no write-ahead log. The latter has an index beside the file that is mapped
 * into memory: where a disk is pulled out, or one that copies on write (btrfs) is full, to touch that is
 * SIGBUS, which would end the master and not the writing alone. What a log would save is of no use here: one
 * transaction in a quarter of a second, in a thread that may wait.
 */
import { Database } from "bun:sqlite";
import { closeSync, constants, fstatSync, openSync } from "node:fs";

/** `bROO`: tells our files from those of others, whatever they are called. */
const APPLICATION = 0x62_52_4f_4f;

/** Counts up when the tables change. */
const SCHEMA = 1;

/** How long (ms) to wait for another master on the same file, or somebody who reads it. */
const PATIENCE = 3000;

const TABLES = `
  -- Who has written here: a pid and its start in ticks since boot are one process.
  CREATE TABLE masters (
    instance TEXT PRIMARY KEY, pid INTEGER NOT NULL, startTicks INTEGER NOT NULL
  ) WITHOUT ROWID;
  -- As SessionRecord. overAt: when it ended, or when it was last heard of if its end was not told.
  CREATE TABLE sessions (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, instance TEXT NOT NULL, pid INTEGER NOT NULL,
    remoteAddress TEXT NOT NULL, remotePort INTEGER NOT NULL, source TEXT NOT NULL,
    startedAt INTEGER NOT NULL, servingMs REAL, firstReplyMs REAL, endedAt INTEGER, overAt INTEGER,
    reason TEXT NOT NULL, exitCode INTEGER, signal TEXT, requests INTEGER NOT NULL,
    bytesIn INTEGER, bytesOut INTEGER, cpuMs REAL, maxResidentBytes INTEGER,
    kept INTEGER NOT NULL, notKept INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX sessionsByStart ON sessions (startedAt);
  CREATE INDEX sessionsByReason ON sessions (reason, startedAt);
  CREATE INDEX sessionsByEnd ON sessions (overAt) WHERE overAt IS NOT NULL;
  CREATE INDEX sessionsLive ON sessions (instance) WHERE overAt IS NULL;
  -- The log of each session; seq is that of its master's log. event: without whom it is about.
  CREATE TABLE entries (
    session INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL,
    PRIMARY KEY (session, seq)
  ) WITHOUT ROWID;
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, entry INTEGER NOT NULL,
    at INTEGER NOT NULL, operator TEXT NOT NULL, id TEXT, event TEXT NOT NULL, UNIQUE (instance, entry)
  );
  CREATE INDEX auditByTime ON audit (at);
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${SCHEMA};
`;

/**
 * Opens the database in `file`, or a new one; null: in memory.
 * @throws if it cannot be had, or the file is not one of ours: then it is left as it is.
 */
export function openDatabase(file: string | null): Database {
  if (file !== null) makeFile(file);
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

function makeFile(file: string): void {
  // Ours alone to read, as what is beside it then is too: children run as others, and it tells of all clients.
  // A pipe would hold up the keeper for ever: to open one waits for who is at its other end.
  const fd = openSync(file, O_WRONLY | O_CREAT | O_NONBLOCK, 0o600);
  try {
    if (!fstatSync(fd).isFile()) throw new Error("not a plain file");
  } finally {
    closeSync(fd);
  }
}

function prepare(db: Database): void {
  db.run(`PRAGMA busy_timeout = ${PATIENCE}`);
  if (pragma(db, "schema_version") === 0) {
    // Before there is a table: pages that are not needed any more can be given back.
    db.run("PRAGMA auto_vacuum = INCREMENTAL");
  } else {
    checkOwn(db);
  }
  db.run("PRAGMA journal_mode = TRUNCATE");
  // Each batch is on the disk before it counts as written: neither the master's end nor the machine's takes it away.
  db.run("PRAGMA synchronous = FULL");
  // Sorting never needs the disk.
  db.run("PRAGMA temp_store = MEMORY");
  const make = db.transaction(() => {
    if (pragma(db, "schema_version") === 0) db.run(TABLES);
    else checkOwn(db); // another master was quicker
  });
  make.immediate();
}

function checkOwn(db: Database): void {
  if (pragma(db, "application_id") !== APPLICATION) {
    throw new Error("a database of some other program");
  }
  const version = pragma(db, "user_version");
  if (version !== SCHEMA) throw new Error(`made by another version of brood (${version})`);
}

export function pragma(db: Database, name: string): number {
  return Number(db.query(`PRAGMA ${name}`).values()[0]?.[0] ?? 0);
}
