/** A history that an earlier version of brood wrote is still readable. */
import { expect, test } from "bun:test";
import { openDatabase, pragma } from "../../../server/history/database.ts";
import { audit, readSession } from "../../../server/history/read.ts";
import { writeEntries } from "../../../server/history/write.ts";
import type { LogEntry } from "../../../shared/log.ts";
import { place } from "./contents.ts";

const session = { id: "a-1", pid: 7, remoteAddress: "192.0.2.1", remotePort: 1024 };
const by = "anna at ::1";
const receipt = { by, sent: ["TERM"], outcome: "gone", ms: 3, leftovers: 0 } as const;
const bulk = { job: "a-1", signal: "TERM", count: 2, selection: "by their IDs", by } as const;
const client = { id: "a-1", remoteAddress: "192.0.2.1", remotePort: 1024 };

const LOG: LogEntry[] = [
  { seq: 1, at: 1, event: { event: "accepted", startedAt: 1, source: "192.0.2.1", ...client } },
  { seq: 2, at: 2, event: { event: "printed", text: "hello", ...session } },
  { seq: 3, at: 3, event: { event: "signal sent", signal: "TERM", by, job: null, ...session } },
  { seq: 4, at: 4, event: { event: "signal outcome", job: null, ...receipt, ...session } },
];
const BULK_KILLS: LogEntry[] = [
  { seq: 5, at: 5, event: { event: "kill requested", ...bulk } },
  { seq: 6, at: 6, event: { event: "kill cancelled", ...bulk } },
  { seq: 7, at: 7, event: { event: "drain requested", ms: 1, by } },
];

/** Gives a database the columns and events of schema 1. */
const DOWNGRADE = `
  ALTER TABLE sessions RENAME COLUMN storedLogEntries TO kept;
  ALTER TABLE sessions RENAME COLUMN droppedLogEntries TO notKept;
  UPDATE sessions SET notKept = 5;
  ${["entries", "audit"]
    .map(
      (table) => `
        UPDATE ${table} SET event = replace(event, '"printed"', '"said"');
        UPDATE ${table} SET event = replace(event, '"signal outcome"', '"signal answered"');
        UPDATE ${table} SET event = replace(event, '"outcome":', '"became":');
        UPDATE ${table} SET event = replace(event, '"kill requested"', '"kill ordered"');
        UPDATE ${table} SET event = replace(event, '"drain requested"', '"drain ordered"');
        UPDATE ${table} SET event = replace(event, '"selection":', '"which":');`,
    )
    .join("")}
  PRAGMA user_version = 1;
`;

test("a history of schema 1 is migrated: its columns, and the names of its events and their fields", () => {
  using at = place();
  const first = openDatabase(at.file);
  writeEntries(first, "a", [...LOG, ...BULK_KILLS]);
  const expected = { log: readSession(first, "a-1")?.log, audit: audit(first, { limit: 10 }) };
  expect(expected.log).toEqual(LOG);
  first.run(DOWNGRADE);
  expect(audit(first, { limit: 1 })[0]?.event.event).toBe("drain ordered" as never);
  first.close();

  for (const _opened of ["first", "again"]) {
    const db = openDatabase(at.file);
    expect(pragma(db, "user_version")).toBe(2);
    expect(readSession(db, "a-1")).toMatchObject({ droppedLogEntries: 5, log: LOG });
    expect(audit(db, { limit: 10 })).toEqual(expected.audit);
    writeEntries(db, "a", LOG);
    db.close();
  }
});
