/** A child's page and its JSON, over HTTP. */
import { expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { basic } from "../../attack/page-passwords.ts";
import { connect } from "../../harness/connect.ts";
import { tokenOf } from "../../harness/page-token.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { isRoot } from "../../shared/made-up-proc.ts";
import { type ServedClient, connectServed } from "../../harness/served-client.ts";
import { select, textOf } from "../markup.ts";
import { post, request } from "../request.ts";

interface Json {
  reason: string;
  state: string;
  timeline: { event: string; time: string | null; sinceAcceptedMs: number | null }[];
  log: { event: string; text?: string; command?: string; bytesIn?: number }[];
  lastCommand?: string | null;
  process: {
    command: { arguments: string[] };
    directory: unknown;
    executable: unknown;
    files: { unreadable: string } | { listed: { target: unknown; socket?: { remote: string } }[] };
    status: { user: string; state: string };
    processes: { listed: { comm: string }[] };
  } | null;
}

async function child(server: Server, id: string, query = "", wish = {}): Promise<Json> {
  const { status, headers, text } = await request(server, `api/children/${id}${query}`, wish);
  expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
  return JSON.parse(text) as Json;
}

async function pageOf(
  server: Server,
  { id }: Pick<ServedClient, "id">,
  query = "",
  wish = {},
): Promise<string> {
  const { status, headers, text } = await request(server, `children/${id}${query}`, wish);
  expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
  return text;
}

function stepsOf(page: string): string[] {
  return select(page, ".steps .what").map(({ text }) => text);
}

/** Waits until the page and the API say that the child has ended. */
async function untilEnded(server: Server, { id }: Pick<ServedClient, "id">): Promise<void> {
  await until(
    async () => (await child(server, id)).state === "ended",
    "the page says that it has ended",
  );
}

test("the timeline shows a child's life step by step, with the time that each took", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  expect(stepsOf(await pageOf(server, served)).slice(0, 3)).toEqual([
    "accepted",
    "child spawned",
    "handed over: child serving",
  ]);
  await served.askTime();
  await server.event("first reply");
  await post(server, `children/${served.id}/kill`, { signal: "TERM" });
  await server.event("signal outcome");
  await untilEnded(server, served);

  const page = await pageOf(server, served);
  expect(stepsOf(page)).toEqual([
    "accepted",
    "child spawned",
    "handed over: child serving",
    "first reply",
    "TERM sent by operator at 127.0.0.1",
    expect.stringMatching(
      /^TERM sent, gone after \d+(?: ms|\.\d s) \(requested by operator at 127.0.0.1\)$/,
    ),
    "ended: killed by operator",
  ]);
  expect(textOf(page, "#child-state p")).toStartWith("ended: killed by operator");
  expect(select(page, ".kill")).toEqual([]);

  const { timeline, reason } = await child(server, served.id);
  expect(reason).toBe("killed by operator");
  expect(timeline.map(({ event }) => event)).toEqual([
    "accepted",
    "spawned",
    "serving",
    "first reply",
    "signal sent",
    "signal outcome",
    "ended",
  ]);
  const times = timeline.map(({ sinceAcceptedMs }) => sinceAcceptedMs ?? -1);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[2]).toBeCloseTo((await server.event("serving")).ms, 1);
});

test("what a client sent is shown only on request, the sizes always", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await served.client.send("secret<b>\x1b[31m\n");
  const { text } = await server.event("request");
  expect(text).toBe("secret<b>\\x1b[31m");

  for (const query of ["", "?contents=0"]) {
    const page = await pageOf(server, served, query);
    expect(page).not.toContain("secret");
    expect(select(page, "#requests td").map((cell) => cell.text)).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3}$/),
      "invalid",
      "15 B",
      "0 B",
    ]);
    expect(textOf(page, "#log li")).toContain("request: invalid, 15 B in, 0 B out");
    expect(select(page, "#contents")[0]?.attributes.href).toBe(`/children/${served.id}?contents=1`);
    // Nor do the questions that it links to.
    const links = select(page, "#child-actions a").map(({ attributes }) => attributes.href ?? "");
    expect(links).toHaveLength(2);
    for (const link of links) {
      const { status, text } = await request(server, link);
      expect([status, text.includes(served.address), text.includes("secret")]).toEqual([
        200,
        true,
        false,
      ]);
    }
    const json = await request(server, `api/children/${served.id}${query}`);
    expect(json.text).not.toContain("secret");
    expect(json.text).not.toContain("secr");
  }

  const page = await pageOf(server, served, "?contents=1");
  expect(select(page, "#requests td.contents code")[0]?.text).toBe(text);
  expect(page).not.toContain("<b>\\x1b");
  expect(page).not.toContain("\x1b");
  const json = await child(server, served.id, "?contents=1");
  expect(json.lastCommand).toBe(text);
  expect(json.log.find(({ event }) => event === "request")).toMatchObject({
    text,
    command: "secr",
    bytesIn: 15,
  });
});

test("of 1,000 requests the newest are listed, and all are counted", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await served.askTime(1000);
  await until(async () => {
    const page = await pageOf(server, served);
    return textOf(page, "#requests dd").startsWith("1,000\n");
  }, "all requests are counted");
  const page = await pageOf(server, served);
  expect(select(page, "#requests tbody tr").length).toBeWithin(1, 51);
  expect(textOf(page, "#requests caption")).toMatch(/^Newest \d+ of 1,000$/);
  expect(textOf(page, "#requests dd")).toBe("1,000\n4.0 kB\n19.0 kB");
});

test("the process is read from /proc, with the client's socket among its files", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  const { process } = await child(server, served.id);
  expect(process?.command.arguments).toContain("child");
  const files = process?.files ?? { listed: [] };
  if ("unreadable" in files) throw new Error("its files can be read");
  const clients = files.listed.filter(({ socket }) => socket?.remote === served.address);
  expect(clients).toHaveLength(1);
  const page = await pageOf(server, served);
  expect(textOf(page, "#process .files code")).toContain(`client ${served.address}`);
  expect(textOf(page, "#process pre")).toBe(`server(${served.pid})\n`);
  expect(textOf(page, "#process-limits th")).toContain("open files");
});

test("a child's descendants are shown, however hostile their names and arguments", async () => {
  const names = `bash -c "exec -a '<b>x' bash -c 'cd /; exec 9</etc/passwd; sleep 1000; :'"`;
  await using server = await startServer({ exec: names });
  await using client = await connect(server.port);
  const { id } = await server.event("serving", ({ remotePort }) => remotePort === client.port);
  await until(async () => {
    const { process } = await child(server, id);
    return process?.processes.listed.some(({ comm }) => comm === "sleep");
  }, "sleep is among its descendants");
  const page = await pageOf(server, { id });
  expect(textOf(page, "#process pre")).toMatch(/^bash\(\d+\)───sleep\(\d+\)\n$/);
  expect(textOf(page, "#process .facts code")).toContain("<b>x");
  expect(page).not.toContain("<b>x");
  expect(textOf(page, "#process .files code")).toContain("/etc/passwd");
  expect(textOf(page, "#requests")).toContain("it is not counted");
});

// Only root can start a program as another user.
test.if(isRoot)(
  "what this server's user may not read of a process is said in its place",
  async () => {
    using directory = mkdtempDisposableSync(join(tmpdir(), "brood-setuid-"));
    const program = join(directory.path, "sleep");
    copyFileSync("/usr/bin/sleep", program);
    chmodSync(program, 0o4755);
    chmodSync(directory.path, 0o755);
    const env = { BROOD_ALLOW_PRIVILEGES: "true" };
    await using server = await startServer(
      { exec: `${program} 1000` },
      { unprivileged: true, env },
    );
    await using client = await connect(server.port);
    const { id, pid } = await server.event(
      "serving",
      ({ remotePort }) => remotePort === client.port,
    );
    const asOperator = { headers: basic(tokenOf(server)) };
    await until(
      async () => (await child(server, id, "", asOperator)).process?.status.user === "root",
      "it runs as root",
    );
    const { process: details } = await child(server, id, "", asOperator);
    const denied = { unreadable: "EACCES" };
    expect(details).toMatchObject({ executable: denied, directory: denied });
    // Either the whole list is unreadable, or each entry.
    expect(JSON.stringify(details?.files)).toContain(JSON.stringify(denied));
    expect(details?.command.arguments).toEqual([program, "1000"]);
    const page = await pageOf(server, { id }, "", asOperator);
    const said = select(page, "#process .unreadable").map(({ text }) => text);
    expect(new Set(said)).toEqual(new Set(["permission denied"]));
    expect(said.length).toBeGreaterThan(2);
    expect(textOf(page, "#process pre")).toContain("sleep(");
    // The server is not allowed to end it, either.
    process.kill(pid, "SIGKILL");
  },
);

test("the page stays after the child's end, with the last reading of its process", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await served.askTime(2);
  await pageOf(server, served);
  await served.quit();
  await server.event("ended");
  await untilEnded(server, served);
  const page = await pageOf(server, served);
  expect(textOf(page, "#child-state p")).toStartWith("ended: quit");
  expect(textOf(page, "#process p")).toContain("As last seen at");
  expect(textOf(page, "#process pre")).toBe(`server(${served.pid})\n`);
  expect(select(page, "#stream")).toEqual([]);
  expect(textOf(page, "#log li")).toContain("ended: quit");
});

test("with a history file, links stay valid on the next server, even for sessions whose end was lost", async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "brood-history-"));
  const history = join(directory.path, "history.sqlite");
  const ids: string[] = [];
  {
    await using server = await startServer({ history }, { mayWriteErrors: true });
    await using quits = await connectServed(server);
    await using stays = await connectServed(server);
    ids.push(quits.id, stays.id);
    await quits.askTime();
    await quits.quit();
    await untilEnded(server, quits);
    await until(async () => {
      const { text } = await request(server, "api/history");
      const { sessions } = JSON.parse(text) as { sessions: { id: string; reason: string }[] };
      const reasons = new Map(sessions.map(({ id, reason }) => [id, reason]));
      return reasons.get(quits.id) === "quit" && reasons.get(stays.id) === "live";
    }, "the history knows both");
    server.signal("SIGKILL");
    await server.exited();
    await stays.client.send("quit");
    await stays.client.readToEnd();
    await server.stop();
  }
  await using server = await startServer({ history });
  const [ended = "", lost = ""] = ids;
  const page = await pageOf(server, { id: ended });
  expect(stepsOf(page)).toEqual([
    "accepted",
    "child spawned",
    "handed over: child serving",
    "first reply",
    "ended: quit",
  ]);
  expect(textOf(page, "#process p")).toContain(
    "Nobody viewed this page while the process was live",
  );
  const other = await pageOf(server, { id: lost });
  expect(textOf(other, "#child-state p")).toBe("ended: lost");
  expect(stepsOf(other).at(-1)).toStartWith("lost: ");
  expect((await child(server, lost)).reason).toBe("lost");
  // Nobody viewed the child while it was live: no charts and no points, but no error either.
  expect(textOf(other, ".usage")).toContain("No data");
  const { status, text } = await request(server, `api/children/${lost}/series`);
  expect([status, JSON.parse(text)]).toEqual([
    200,
    expect.objectContaining({ at: [], ended: true }),
  ]);
});

test("an unknown child, a PID and a path get 404, with how long sessions are kept", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  for (const id of ["nobody", String(served.pid), "1", "..%2f..%2fetc", "%00", "a".repeat(5000)]) {
    const { status, text } = await request(server, `children/${id}`);
    expect([id, status]).toEqual([id, 404]);
    expect(textOf(text, "main p")).toContain("the last 10,000 that ended, for 30 days");
    expect((await request(server, `api/children/${id}`)).status).toBe(404);
    expect((await request(server, `api/children/${id}/series`)).status).toBe(404);
    expect((await request(server, `children/${id}/events`)).status).toBe(404);
  }
});

test("while someone views a child, its usage is recorded every second, and kept beyond its end", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  const series = async (query = "") => {
    const { status, text } = await request(server, `api/children/${served.id}/series${query}`);
    expect(status).toBe(200);
    return JSON.parse(text) as {
      at: number[];
      series: { cpu: (number | null)[]; memory: (number | null)[] };
      ended?: boolean;
    };
  };
  await until(async () => (await series()).at.length >= 3, "three points were read");
  const { at, series: points, ended } = await series();
  expect(ended).toBeUndefined();
  expect(points.cpu[0]).toBeNull(); // no full second yet
  expect(points.cpu[1]).toBeNumber();
  expect(points.memory.every((bytes) => bytes !== null && bytes > 100_000)).toBeTrue();
  expect((await series(`?after=${at[1]}`)).at[0]).toBe(at[1] ?? 0);
  await served.quit();
  await server.event("ended");
  const after = await series();
  expect(after.ended).toBeTrue();
  expect(after.at.slice(0, at.length)).toEqual(at);
});

test("the stream of a child accepts only GET, and ends with the child", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  const path = `children/${served.id}/events`;
  const head = await request(server, path, { method: "HEAD" });
  expect([head.status, head.headers.get("allow")]).toEqual([405, "GET"]);
  const stream = request(server, path);
  await served.quit();
  const { text } = await stream;
  expect(text).toContain("ended: quit");
  expect(text).toEndWith("event: ended\ndata: .\n\n");
});

test("viewers with read-only access see no actions", async () => {
  await using server = await startServer({}, { env: { BROOD_DASHBOARD_READONLY: "1" } });
  await using served = await connectServed(server);
  const page = await pageOf(server, served);
  expect(select(page, ".kill, .signals, #menu, #dialog")).toEqual([]);
  expect(select(page, "#contents")).toHaveLength(1);
});
