/**
 * A disk that is full or broken, or a file that is not ours, is a warning, and
 * clients are served all the same.
 */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { threads } from "../../harness/processes.ts";
import { run, EXECUTABLE } from "../../harness/run.ts";
import { type Server, startServer, startServerWithoutPage } from "../../harness/server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { ask, count, countEnded, place, rows, visit } from "./contents.ts";

type Sessions = { sessions: { id: string; reason: string }[] };

const AGAIN = "history: everything is stored again";

/** Starts a server whose history is in `file`, and waits until it has written a first session. */
async function startWithOneSession(file: string): Promise<Server> {
  const server = await startServerWithoutPage({ history: file });
  await visit(server);
  await until(() => countEnded(file) === 1, "the first is written");
  return server;
}

/** Waits for a warning about the history. */
async function warned(server: Server, text: string | RegExp): Promise<string> {
  const { message } = await server.event("warning", ({ message: logged }) =>
    typeof text === "string" ? logged === text : text.test(logged),
  );
  return message;
}

/** Waits until the server's API has this many sessions. */
async function known(server: Server, sessions: number): Promise<void> {
  await until(
    async () => (await ask<Sessions>(server, "api/history")).sessions.length === sessions,
    `${sessions} sessions are known`,
  );
}

/** Limits the size of the server's files, as a full disk does; null lifts the limit. */
async function limitFiles(server: Server, bytes: number | null): Promise<void> {
  const soft = bytes ?? "unlimited";
  const { exitCode, stderr } = await run([
    "prlimit",
    "--pid",
    `${server.pid}`,
    `--fsize=${soft}:unlimited`,
  ]);
  if (exitCode !== 0) throw new Error(stderr);
}

/**
 * Waits until this many sessions have ended and `read` returns each with
 * the reason that was logged.
 */
async function hasAll(
  server: Server,
  sessions: number,
  read: () => { id: string; reason: string }[] | Promise<{ id: string; reason: string }[]>,
): Promise<void> {
  await until(() => server.events("ended").length === sessions, "all have ended");
  const text = ({ id, reason }: { id: string; reason: string }) => `${id} ${reason}`;
  const ended = server.events("ended").map(text).sort();
  await untilEqual(async () => (await read()).map(text).sort(), ended);
}

function inFile(file: string) {
  return () => rows(file, "SELECT id, reason FROM sessions");
}

/** Runs a command with mounts of its own. */
const NAMESPACE = ["unshare", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]), "--mount"];

/** @throws an error that names the missing permission. */
async function requireMounts(): Promise<void> {
  const { exitCode, stderr } = await run([...NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"]);
  if (exitCode === 0) return;
  throw new Error(`this test mounts a disk: allow CAP_SYS_ADMIN or user namespaces: ${stderr}`);
}

describe("a full disk", () => {
  test("by a limit: it is reported once, all clients are served, and all is written once there is room", async () => {
    using at = place();
    await using server = await startServer({ history: at.file });
    await visit(server);
    await until(() => countEnded(at.file) === 1, "the first is written");
    await limitFiles(server, statSync(at.file).size);
    // Fills the free space in the file's last pages first.
    let visits = 1;
    await until(async () => {
      await visit(server);
      visits += 1;
      return server.events("warning").length > 0;
    }, "the disk is full");
    for (let i = 0; i < 20; i += 1) await visit(server);
    expect(server.events("warning")[0]?.message).toStartWith(`history: ${at.file}: `);
    expect(await (await fetch(server.url)).text()).toContain("brood");
    await limitFiles(server, null);
    await warned(server, AGAIN);
    await hasAll(server, visits + 20, inFile(at.file));
    expect(server.events("warning")).toHaveLength(2);
  });

  test("for real: the same on a disk of 400 kB that another program fills", async () => {
    await requireMounts();
    using at = place();
    const script = `mount -t tmpfs -o size=400k none ${at.folder} && exec "$@"`;
    const program = [...NAMESPACE, "sh", "-c", script, "sh", EXECUTABLE];
    await using server = await startServer({ history: at.file, user: "root" }, { program });
    // The path of its disk from outside, which SQLite cannot open.
    const folder = join(`/proc/${server.pid}/root`, at.folder);
    await visit(server);
    await known(server, 1);
    const filler = join(folder, "filler");
    expect(() => writeFileSync(filler, Buffer.alloc(1_000_000))).toThrow("ENOSPC");
    for (let i = 0; i < 30; i += 1) await visit(server);
    await warned(server, /database or disk is full|disk I\/O error/);
    rmSync(filler);
    await warned(server, AGAIN);
    await hasAll(server, 31, async () => (await ask<Sessions>(server, "api/history")).sessions);
    expect(statSync(join(folder, "history.db")).size).toBeGreaterThan(50_000);
  });
});

describe("from the start", () => {
  for (const [what, prepare, why] of [
    [
      "a file that is not a database",
      (file) => writeFileSync(file, "not a database\n".repeat(500)),
      /not a database/,
    ],
    ["another program's database", makeForeign, /a database of another program/],
    ["a history of a later brood", makeLater, /created by another version/],
    ["a device", () => {}, /./],
    ["a pipe", (file) => void Bun.spawnSync(["mkfifo", file]), /ENXIO|not a regular file/],
  ] as [string, (file: string) => void, RegExp][]) {
    test(`${what} stays as it is: the history is in memory, with a warning`, async () => {
      using at = place();
      const file = what === "a device" ? "/dev/full" : at.file;
      prepare(file);
      const before = statSync(file).isFile() ? readFileSync(file) : null;
      await using server = await startServer({ history: file });
      await visit(server);
      expect(await warned(server, /^history: stored in memory for now: /)).toMatch(why);
      await known(server, 1);
      await server.stop();
      if (before !== null) expect(readFileSync(file).equals(before)).toBe(true);
    });
  }

  test("a directory without write permission: in memory, and in the file once there is permission", async () => {
    using at = place();
    const folder = join(at.folder, "closed");
    mkdirSync(folder);
    chmodSync(at.folder, 0o755);
    // Root without privileges has no more permission than other users.
    const program = [
      "setpriv",
      "--bounding-set=-dac_override,-dac_read_search",
      "--inh-caps=-all",
      EXECUTABLE,
    ];
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(folder, 1, 1);
    else chmodSync(folder, 0o555);
    await using server = await startServer(
      { history: join(folder, "history.db"), ...(isRoot ? { user: "root" } : {}) },
      isRoot ? { program } : {},
    );
    await visit(server);
    await warned(
      server,
      /^history: stored in memory for now: .*(EACCES|permission|unable to open)/,
    );
    await visit(server);
    await known(server, 2);
    if (isRoot) chownSync(folder, 0, 0);
    else chmodSync(folder, 0o755);
    await warned(server, AGAIN);
    const file = join(folder, "history.db");
    await hasAll(server, 2, inFile(file));
    await visit(server);
    await hasAll(server, 3, inFile(file));
    expect(count(file, "entries")).toBe(server.log.filter((entry) => "id" in entry).length);
  });
});

function makeForeign(file: string): void {
  const db = new Database(file);
  db.run("CREATE TABLE precious (thing TEXT)");
  db.close();
}

function makeLater(file: string): void {
  const db = new Database(file);
  db.run(
    `CREATE TABLE sessions (id TEXT); PRAGMA application_id = ${0x62_52_4f_4f}; PRAGMA user_version = 99`,
  );
  db.close();
}

describe("later", () => {
  for (const [what, act] of [
    ["is removed", (file) => rmSync(file)],
    ["is moved away", (file) => renameSync(file, `${file}.old`)],
  ] as [string, (file: string) => void][]) {
    test(`a file that ${what} is created again`, async () => {
      using at = place();
      await using server = await startWithOneSession(at.file);
      act(at.file);
      await visit(server);
      await until(() => count(at.file, "sessions") === 1, "the second is written");
      const [{ id } = { id: "" }] = rows(at.file, "SELECT id FROM sessions");
      await until(() => server.events("ended").length === 2, "both have ended");
      expect(id).toBe(server.events("ended")[1]?.id ?? "");
    });
  }

  test("a file that is overwritten is reported and left alone, and a new one is written once it is out of the way", async () => {
    using at = place();
    await using server = await startWithOneSession(at.file);
    const rubbish = Buffer.alloc(statSync(at.file).size, "rubbish ");
    writeFileSync(at.file, rubbish);
    await visit(server);
    await warned(server, /^history: /);
    for (let i = 0; i < 5; i += 1) await visit(server);
    expect(readFileSync(at.file).equals(rubbish)).toBe(true);
    rmSync(at.file);
    await warned(server, AGAIN);
    await until(() => count(at.file, "sessions") === 6, "what was logged in between is written");
  });

  test("a pipe in its place holds up nothing, and a new file is written once it is out of the way", async () => {
    using at = place();
    await using server = await startWithOneSession(at.file);
    rmSync(at.file);
    Bun.spawnSync(["mkfifo", at.file]);
    await visit(server);
    await warned(server, /^history: .*(ENXIO|not a regular file)/);
    rmSync(at.file);
    await warned(server, AGAIN);
    await until(() => count(at.file, "sessions") === 1, "what was logged in between is written");
  });

  test("a file that another program locks for long is waited for", async () => {
    using at = place();
    await using server = await startWithOneSession(at.file);
    const other = new Database(at.file);
    other.run("BEGIN EXCLUSIVE");
    await visit(server);
    await warned(server, /database is locked/);
    await visit(server);
    other.run("COMMIT");
    other.close();
    await warned(server, AGAIN);
    await until(() => count(at.file, "sessions") === 3, "all are written");
    expect(server.events("warning")).toHaveLength(2);
  });

  test("the end of the server waits for the disk, but not for ever", async () => {
    using at = place();
    await using server = await startWithOneSession(at.file);
    const other = new Database(at.file);
    other.run("BEGIN EXCLUSIVE");
    await visit(server);
    expect(await server.stop()).toBe(0);
    other.run("COMMIT");
    other.close();
  });
});

test("a server whose disk never answers ends all the same", async () => {
  using at = place();
  await using before = await startServerWithoutPage({ history: at.file });
  await visit(before);
  await before.stop();
  // To look into a pipe is to wait, as for a disk that hangs: SQLite looks there
  // for what a crash has left.
  rmSync(`${at.file}-journal`, { force: true });
  Bun.spawnSync(["mkfifo", `${at.file}-journal`]);
  await using server = await startServerWithoutPage({ history: at.file });
  await visit(server);
  await warned(server, /the disk does not answer/);
  expect(await server.stop()).toBe(0);
});

test("its thread runs before the server listens, so it opens though no process can be started then", async () => {
  using at = place();
  chmodSync(at.folder, 0o777);
  await using server = await startServer({ history: at.file }, { unprivileged: true });
  expect(threads(server.pid)).toContain("history");
  await server.limitProcesses(1);
  await until(
    async () => (await fetch(new URL("/api/history", server.url))).status === 200,
    "the history is open",
  );
  await server.limitProcesses(null);
  await visit(server);
  await hasAll(server, 1, inFile(at.file));
});

test("entries logged before the history is open are written, however soon the server ends", async () => {
  using at = place();
  await using server = await startServerWithoutPage({ history: at.file });
  await visit(server);
  expect(await server.stop()).toBe(0);
  await hasAll(server, 1, inFile(at.file));
});

test("the last entries are written before the server ends", async () => {
  using at = place();
  await using server = await startServerWithoutPage({ history: at.file });
  await until(() => count(at.file, "sqlite_schema") > 0, "the history is open");
  await visit(server);
  expect(await server.stop()).toBe(0);
  await hasAll(server, 1, inFile(at.file));
});
