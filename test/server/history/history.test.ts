/** What the history stores of each session, and for how long. */
import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import type { SessionRecord } from "../../../shared/history.ts";
import { connect } from "../../harness/connect.ts";
import { threads } from "../../harness/processes.ts";
import { brood, run } from "../../harness/run.ts";
import {
  type Logged,
  type Server,
  startServer,
  startServerWithoutPage,
} from "../../harness/server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { ask, count, place, rows, visit } from "./contents.ts";

type Stored = {
  session: SessionRecord;
  log: (Logged & { seq: number })[];
  droppedLogEntries: number;
};

function withoutSeq({ seq: _seq, ...entry }: Logged & { seq: number }): Logged {
  return entry as Logged;
}

test("a session is stored with everything in its end event, and with its log", async () => {
  using at = place();
  await using server = await startServer({ history: at.file });
  await visit(server, "127.1.2.3");
  const { time, event: _event, ms, leftovers: _leftovers, ...stored } = await server.event("ended");
  const told = await until(async () => {
    const [found] = (await ask<{ sessions: SessionRecord[] }>(server, "api/history?reason=quit"))
      .sessions;
    return found && ask<Stored>(server, `api/history/${found.id}?contents=1`);
  }, "the session is written");
  expect(told.session).toMatchObject({ ...stored, source: "127.1.2.3", endedAt: time });
  const length =
    Date.parse(String(told.session.endedAt)) - Date.parse(String(told.session.startedAt));
  expect(Math.abs(length - ms)).toBeLessThanOrEqual(1); // rounded
  // Each entry is complete, as it was logged.
  const logged = server.log.filter((entry) => "id" in entry && entry.id === stored.id);
  expect(told.log.map(withoutSeq)).toEqual(logged);
  expect(told.droppedLogEntries).toBe(0);
  // What the client sent is there only if asked for.
  const { log } = await ask<Stored>(server, `api/history/${told.session.id}`);
  const contents = { text: undefined, command: undefined };
  expect(log).toEqual(JSON.parse(JSON.stringify(told.log.map((one) => ({ ...one, ...contents })))));
});

test("a live session is stored too, and its row is updated at its end", async () => {
  using at = place();
  await using server = await startServerWithoutPage({ history: at.file });
  await using client = await connect(server.port);
  await client.send("time\n");
  await client.readUntil("\n");
  const { id } = await server.event("request");
  const reason = async () => rows(at.file, "SELECT reason, requests FROM sessions");
  await untilEqual(reason, [{ reason: "live", requests: 1 }] as never);
  client.close();
  await untilEqual(reason, [{ reason: "client left", requests: 1 }] as never);
  expect(rows(at.file, "SELECT id FROM sessions") as unknown).toEqual([{ id }]);
});

test("of a long log the first and the newest entries are stored, and the others are counted", async () => {
  await using server = await startServer();
  await using client = await connect(server.port);
  for (let i = 0; i < 300; i += 1) {
    await client.send(`line ${i}\ntime\n`);
    await client.readUntil("\n");
  }
  await client.send("quit\n");
  const { id } = await server.event("ended");
  const logged = () => server.log.filter((entry) => "id" in entry && entry.id === id);
  const told = await until(async () => {
    const found = await ask<Stored>(server, `api/history/${id}?contents=1`);
    return found.log.length + found.droppedLogEntries === logged().length && found;
  }, "all is written");
  expect(told.droppedLogEntries).toBeGreaterThan(0);
  expect(told.log.length).toBeLessThanOrEqual(160);
  const entries = told.log.map(withoutSeq);
  expect(entries.slice(0, 30)).toEqual(logged().slice(0, 30));
  expect(entries.slice(-100)).toEqual(logged().slice(-100));
});

test("only as many sessions are stored as configured, those that ended last, with their logs", async () => {
  using at = place();
  await using server = await startServerWithoutPage({ history: at.file, historySize: 20 });
  await using live = await connect(server.port);
  for (let i = 0; i < 60; i += 1) await visit(server);
  await until(() => server.events("ended").length === 60, "all have ended");
  await until(() => count(at.file, "sessions") === 21, "the first are deleted");
  const ended = server.events("ended").map(({ id }) => id);
  const { id } = await server.event("accepted", ({ remotePort }) => remotePort === live.port);
  const stored = rows(at.file, "SELECT id FROM sessions ORDER BY overAt").map((row) => row.id);
  expect(stored.sort()).toEqual([id, ...ended.slice(-20)].sort());
  expect(count(at.file, "entries WHERE session NOT IN (SELECT seq FROM sessions)")).toBe(0);
});

test("no session is stored longer than configured", async () => {
  using at = place();
  await using server = await startServerWithoutPage({ history: at.file, historyAge: "5s" });
  await using _live = await connect(server.port);
  await visit(server);
  await until(() => count(at.file, "sessions") === 2, "both are written");
  await until(() => count(at.file, "sessions") === 1, "the one that ended is deleted");
  expect(rows(at.file, "SELECT reason FROM sessions") as unknown).toEqual([{ reason: "live" }]);
});

test("without a file the history is in memory, and without a page there is none", async () => {
  const isOpen = ({ pid }: Server) => threads(pid).includes("history");
  await using server = await startServer();
  await until(() => isOpen(server), "the history is open");
  await visit(server);
  await until(
    async () => (await ask<{ sessions: unknown[] }>(server, "api/history")).sessions.length === 1,
    "the session is stored",
  );
  await using without = await startServer({ dashboard: "off" });
  await visit(without);
  expect(isOpen(without)).toBe(false);
  using at = place();
  await using noPage = await startServer({ dashboard: "off", history: at.file });
  await visit(noPage);
  await until(() => count(at.file, "sessions") === 1, "it is written");
});

test("no other user may read the file", async () => {
  using at = place();
  await using server = await startServerWithoutPage({ history: at.file });
  await visit(server);
  await until(
    () => statSync(at.file, { throwIfNoEntry: false })?.mode === 0o100600,
    "only we may read it",
  );
});

test("a path that cannot be a file is one line and exit status 2", async () => {
  using at = place();
  for (const [file, wrong] of [
    [at.folder, "is a directory"],
    [`${at.folder}/none/history.db`, `no such directory ${at.folder}/none`],
    [`${import.meta.path}/history.db`, "is not a directory"],
  ] as const) {
    const { stderr, exitCode } = await run(brood("serve", "--port", 0, "--history", file));
    expect([file, exitCode]).toEqual([file, 2]);
    expect(stderr).toStartWith(`brood: --history ${file}: `);
    expect(stderr).toContain(wrong);
    expect(stderr.split("\n")).toHaveLength(2);
  }
});
