/** Brings a database that an earlier version of brood created up to date. */
import type { Database } from "bun:sqlite";

/** The oldest schema that can be migrated. */
export const MIN_SCHEMA_VERSION = 1;

/**
 * Log events, and fields of them, that had other names in schema 1. A null
 * in a patch leaves no field.
 */
const renameEvents = (table: string): string => `
  UPDATE ${table} SET event = json_patch(
    json_remove(event, '$.which', '$.became'),
    json_object(
      'event', CASE event ->> 'event'
        WHEN 'said' THEN 'printed'
        WHEN 'signal answered' THEN 'signal outcome'
        WHEN 'kill ordered' THEN 'kill requested'
        WHEN 'drain ordered' THEN 'drain requested'
        ELSE event ->> 'event'
      END,
      'selection', event ->> 'which',
      'outcome', event ->> 'became'
    )
  )
  WHERE event ->> 'event' IN ('said', 'signal answered', 'kill ordered', 'drain ordered')
    OR event ->> 'which' IS NOT NULL;
`;

const FROM_1_TO_2 = `
  ALTER TABLE sessions RENAME COLUMN kept TO storedLogEntries;
  ALTER TABLE sessions RENAME COLUMN notKept TO droppedLogEntries;
  ${renameEvents("entries")}
  ${renameEvents("audit")}
  PRAGMA user_version = 2;
`;

/** Brings a database of schema `version` to the current one. Must run in a transaction. */
export function migrate(db: Database, version: number): void {
  if (version === 1) db.run(FROM_1_TO_2);
}
