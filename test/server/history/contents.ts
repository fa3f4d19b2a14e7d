/** What a server has stored, read from outside: from its file and over HTTP. */
import { Database } from "bun:sqlite";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../harness/connect.ts";
import type { Server } from "../../harness/server.ts";

/** Makes a directory for one test's file. */
export function place(): Disposable & { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), "brood-history-"));
  return {
    folder,
    file: join(folder, "history.db"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** Returns the rows of a query of the file; none while there is no such file, or no table in it. */
export function rows<Row = { id: string; reason: string }>(file: string, sql: string): Row[] {
  if (!existsSync(file)) return [];
  const db = new Database(file, { readwrite: true }); // to roll back what a killed master left
  try {
    db.run("PRAGMA busy_timeout = 5000");
    return db.query<Row, []>(sql).all();
  } catch (error) {
    if (error instanceof Error && /no such table/.test(error.message)) return [];
    throw error;
  } finally {
    db.close();
  }
}

/** Counts the rows of a table; `table` may have a condition. */
export function count(file: string, table: string): number {
  return rows<{ count: number }>(file, `SELECT count(*) AS count FROM ${table}`)[0]?.count ?? 0;
}

/** Counts the sessions that have ended. A live one has a row too. */
export function countEnded(file: string): number {
  return count(file, "sessions WHERE endedAt IS NOT NULL");
}

/** Returns the JSON of a request to the server's API. */
export async function ask<T>(server: Server, path: string): Promise<T> {
  const response = await fetch(new URL(path, server.url), { keepalive: false });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Connects a client that asks for the time and quits. */
export async function visit(server: Server, from?: string): Promise<void> {
  await using client = await connect(server.port, from === undefined ? {} : { from });
  await client.send("time\n");
  await client.readUntil("\n");
  await client.send("quit\n");
  await client.readToEnd();
}
