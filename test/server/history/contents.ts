/** What a server has kept, read from outside: from its file, and as it tells it over HTTP. */
import { Database } from "bun:sqlite";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../harness/connect.ts";
import type { Server } from "../../harness/server.ts";

/** A folder for one test's file. */
export function place(): Disposable & { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), "brood-history-"));
  return {
    folder,
    file: join(folder, "history.db"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** What a query of the file gives; nothing while there is no such file, or no table in it. */
export function rows<Row = { id: string; reason: string }>(file: string, sql: string): Row[] {
  if (!existsSync(file)) return [];
  const db = new Database(file, { readonly: true });
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

/** How many rows a table has, or those of its rows that a condition lets pass. */
export function count(file: string, table: string): number {
  return rows<{ count: number }>(file, `SELECT count(*) AS count FROM ${table}`)[0]?.count ?? 0;
}

/** How many sessions have ended; one that lives has its row too. */
export function countEnded(file: string): number {
  return count(file, "sessions WHERE endedAt IS NOT NULL");
}

/** What the server's own interface answers. */
export async function ask<T>(server: Server, path: string): Promise<T> {
  const answer = await fetch(new URL(path, server.url), { keepalive: false });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** One client's visit, from its coming to its end. */
export async function visit(server: Server, from?: string): Promise<void> {
  await using client = await connect(server.port, from === undefined ? {} : { from });
  await client.send("time\n");
  await client.readUntil("\n");
  await client.send("quit\n");
  await client.readToEnd();
}
