/** A master that is killed loses at most the last second of its history. */
import { expect, test } from "bun:test";
import { connect } from "../../harness/connect.ts";
import {
  type Logged,
  type Server,
  startServer,
  startServerWithoutPage,
} from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { ask, count, place, rows, visit } from "./contents.ts";

/** How many clients are connected at any time, until the master is dead. */
const CLIENTS = 4;

async function visitAgainAndAgain(server: Server): Promise<void> {
  try {
    for (;;) await visit(server);
  } catch {
    // The master has been killed.
  }
}

/** Kills the master while clients come and go. Returns what it has logged. */
async function crash(server: Server): Promise<readonly Logged[]> {
  const clients = Array.from({ length: CLIENTS }, () => visitAgainAndAgain(server));
  await until(() => {
    // Enough of them before the second that may be lost, however fast the machine is.
    const ends = server.events("ended").map(({ time }) => Date.parse(time));
    const [first = 0, newest = 0] = [ends.at(0), ends.at(-1)];
    return ends.length > 100 && newest - first > 4000;
  }, "many have come and gone");
  server.signal("SIGKILL");
  await server.stop();
  await Promise.all(clients);
  return server.log;
}

test("a master killed under load has stored all but the last second, and the next one marks the lost sessions", async () => {
  using at = place();
  const log = await crash(
    await startServerWithoutPage({ history: at.file }, { mayWriteErrors: true }),
  );
  const last = Date.parse(log.at(-1)?.time ?? "");
  // One second, and another for a machine that is busy with all these clients.
  const sure = log.filter((entry) => "id" in entry && Date.parse(entry.time) < last - 2000);
  expect(sure.length).toBeGreaterThan(100);
  expect(rows(at.file, "PRAGMA integrity_check") as unknown).toEqual([{ integrity_check: "ok" }]);
  const stored = new Set(
    rows<{ id: string; event: string; at: number }>(
      at.file,
      `SELECT id, entries.at, json_extract(event, '$.event') AS event
       FROM entries JOIN sessions ON sessions.seq = entries.session`,
    ).map(({ id, event, at: time }) => `${id} ${event} ${new Date(time).toISOString()}`),
  );
  const missing = sure.filter(
    (entry) => "id" in entry && !stored.has(`${entry.id} ${entry.event} ${entry.time}`),
  );
  expect(missing).toEqual([]);

  const live = rows(at.file, "SELECT id FROM sessions WHERE reason = 'live'").map(({ id }) => id);
  const before = count(at.file, "sessions");
  await using next = await startServer({ history: at.file });
  const found = await until(async () => {
    const { sessions } = await ask<{ sessions: { id: string }[] }>(next, "api/history?reason=lost");
    return sessions.length >= live.length && sessions;
  }, "those without an end are marked");
  expect(found.map(({ id }) => id).sort()).toEqual(live.sort());
  await visit(next);
  await until(() => count(at.file, "sessions") === before + 1, "writing goes on in the same file");
});

test("masters that share a file know which sessions are live", async () => {
  using at = place();
  const first = await startServerWithoutPage({ history: at.file });
  await using second = await startServerWithoutPage({ history: at.file, service: "echo" });
  await using one = await connect(first.port);
  await using another = await connect(second.port);
  await Promise.all([visit(first), until(() => count(at.file, "sessions") >= 2, "both write")]);
  const { id } = await first.event("serving", ({ remotePort }) => remotePort === one.port);
  const { id: other } = await second.event(
    "serving",
    ({ remotePort }) => remotePort === another.port,
  );
  const live = () =>
    rows(at.file, "SELECT id, reason FROM sessions WHERE reason IN ('live', 'lost')").map(
      (row) => `${row.id} ${row.reason}`,
    );
  await until(() => live().length === 2, "both are live");
  first.signal("SIGKILL");
  one.close(); // otherwise its child would stay with it
  await first.stop();
  await using third = await startServerWithoutPage({ history: at.file });
  await visit(third);
  await until(() => live().includes(`${id} lost`), "the session of the killed one is lost");
  expect(live()).toContain(`${other} live`);
});
