/** How many sessions are stored, of very many. */
import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { deleteExpired } from "../../../server/history/retention.ts";
import { search, totals } from "../../../server/history/read.ts";
import { openDatabase, pragma } from "../../../server/history/database.ts";
import { writeEntries } from "../../../server/history/write.ts";
import type { LogEntry, LogEvent } from "../../../shared/log.ts";
import { place } from "./contents.ts";

/**
 * Yields the entries of sessions that ended a second after each other, each with a line in its log.
 */
function* sessions(count: number, line = "hello", bytes = 1): Generator<LogEntry> {
  for (let i = 1; i <= count; i += 1) {
    const session = { id: `a-${i}`, pid: i, remoteAddress: "192.0.2.1", remotePort: 1024 };
    const client = {
      id: session.id,
      remoteAddress: session.remoteAddress,
      remotePort: session.remotePort,
    };
    const at = 1_000_000 + i * 1000;
    const seq = i * 3;
    yield { seq, at, event: { event: "accepted", startedAt: at, source: "192.0.2.1", ...client } };
    yield { seq: seq + 1, at, event: { event: "printed", text: line, ...session } };
    const used = {
      cpuMs: 1,
      maxResidentBytes: 1,
      servingMs: 1,
      firstReplyMs: 1,
      requests: 1,
      leftovers: 0,
    };
    const end = {
      reason: "quit",
      exitCode: 0,
      signal: null,
      ms: 1,
      bytesIn: bytes,
      bytesOut: bytes,
    } as const;
    yield { seq: seq + 2, at: at + 1, event: { event: "ended", ...session, ...end, ...used } };
  }
}

/** Returns how many steps it took. */
function deleteAllExpired(
  db: ReturnType<typeof openDatabase>,
  maxSessions: number,
  maxAgeMs = 0,
  now?: number,
): number {
  let steps = 1;
  while (deleteExpired(db, { maxSessions, maxAgeMs }, now)) steps += 1;
  return steps;
}

function count(db: ReturnType<typeof openDatabase>): number {
  return Number(db.query("SELECT count(*) FROM sessions").values()[0]?.[0]);
}

test("many sessions are deleted in small steps, the oldest first, and their space is returned to the disk", () => {
  using at = place();
  const db = openDatabase(at.file);
  writeEntries(db, "a", [...sessions(20_000, "x".repeat(500))]);
  const full = statSync(at.file).size;
  expect(deleteAllExpired(db, 1000)).toBeGreaterThan(38); // 500 at a time
  expect(count(db)).toBe(1000);
  expect(search(db, { limit: 1 }).sessions[0]?.id).toBe("a-20000");
  expect(Number(db.query("SELECT count(*) FROM entries").values()[0]?.[0])).toBe(3000);
  expect(statSync(at.file).size).toBeLessThan(full / 3);
  db.close();
});

test("totals hold whatever children say that they have read and written", () => {
  const db = openDatabase(null);
  writeEntries(db, "a", [...sessions(1100, "hello", Number.MAX_SAFE_INTEGER)]);
  const { sources } = totals(db, {});
  const bytes = expect.closeTo(1100 * Number.MAX_SAFE_INTEGER, -6);
  expect(sources).toEqual([{ source: "192.0.2.1", count: 1100, bytesIn: bytes, bytesOut: bytes }]);
  db.close();
});

test("sessions beyond the age limit are deleted", () => {
  const db = openDatabase(null);
  writeEntries(db, "a", [...sessions(100)]);
  deleteAllExpired(db, 1000, 50_000, 1_000_000 + 100_000);
  expect(count(db)).toBe(51);
  db.close();
});

test("if sessions have very long logs, fewer are stored", () => {
  const db = openDatabase(null);
  writeEntries(db, "a", [...sessions(3000, "x".repeat(4000))]);
  deleteAllExpired(db, 3000);
  const used = (pragma(db, "page_count") - pragma(db, "freelist_count")) * pragma(db, "page_size");
  expect(used).toBeLessThan(3000 * 2048 + 1_000_000);
  expect(count(db)).toBeGreaterThanOrEqual(1000);
  db.close();
});

/** Returns everything in the history, row by row. */
function contents(db: ReturnType<typeof openDatabase>): unknown[][] {
  return ["sessions", "entries", "audit"].map((table) =>
    db.query(`SELECT * FROM ${table} ORDER BY 1, 2`).all(),
  );
}

test("a batch that is written twice is stored once", () => {
  const db = openDatabase(null);
  const batch: LogEntry[] = [
    ...sessions(3),
    { seq: 99, at: 5, event: { event: "drain requested", ms: 1, by: "anna at ::1" } },
  ];
  writeEntries(db, "a", batch);
  const once = contents(db);
  expect(once.map((rows) => rows.length)).toEqual([3, 9, 1]);
  writeEntries(db, "a", batch);
  expect(contents(db)).toEqual(once);
  db.close();
});

test("a batch that is written twice is counted once", () => {
  const db = openDatabase(null);
  const live = [...sessions(1)].filter(({ event }) => event.event !== "ended");
  const session = { id: "a-1", pid: 1, remoteAddress: "192.0.2.1", remotePort: 1024 };
  const request = { event: "requests not listed", count: 7, ...session } as const;
  const batch: LogEntry[] = [...live, { seq: 50, at: 5, event: request }];
  writeEntries(db, "a", batch);
  const once = contents(db);
  expect(once[0]).toMatchObject([{ requests: 7, storedLogEntries: 3 }]);
  writeEntries(db, "a", batch);
  expect(contents(db)).toEqual(once);
  db.close();
});

test("a log that was too long to store is not counted twice either", () => {
  const db = openDatabase(null);
  const session = { id: "a-1", pid: 1, remoteAddress: "192.0.2.1", remotePort: 1024 };
  const batch = Array.from({ length: 200 }, (_, at): LogEntry => {
    const request = { kind: "time", text: "", command: "time", bytesIn: null, bytesOut: null };
    return { seq: 100 + at, at, event: { event: "request", ...request, ...session } as LogEvent };
  });
  writeEntries(db, "a", batch);
  const once = contents(db);
  expect(once[0]).toMatchObject([{ requests: 200, storedLogEntries: 130, droppedLogEntries: 70 }]);
  writeEntries(db, "a", batch);
  expect(contents(db)).toEqual(once);
  db.close();
});
