/** The children as JSON, and signals to them by session ID. */
import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import type { ChildJson } from "../../../shared/api.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import { isRunning, untilStopped } from "../../harness/processes.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { until } from "../../harness/until.ts";
import { connectServed, connectManyServed } from "../../harness/served-client.ts";
import { request } from "../request.ts";

const sharedServer = shareServers();

async function listChildren(server: Server): Promise<unknown> {
  const { status, headers, text } = await request(server, "api/children");
  expect(status).toBe(200);
  expect(headers.get("content-type")).toStartWith("application/json");
  return JSON.parse(text);
}

async function kill(server: Server, id: string, query = ""): Promise<[number, unknown]> {
  const answer = await request(server, `api/children/${id}${query}`, { method: "DELETE" });
  return [answer.status, JSON.parse(answer.text)];
}

test("the list has each live child with its client, its traffic and its last command", async () => {
  const server = await sharedServer();
  expect(await listChildren(server)).toEqual([]);

  const before = Date.now();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await first.askTime(2);
  await server.event("request", ({ pid }) => pid === first.pid);
  await until(() => server.events("request").length === 2, "both requests are logged");

  expect(await listChildren(server)).toEqual([
    {
      id: first.id,
      pid: first.pid,
      state: "serving",
      remoteAddress: "127.0.0.1",
      remotePort: first.client.port,
      source: "127.0.0.1",
      servingMs: expect.any(Number),
      firstReplyMs: expect.any(Number),
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      lastActiveAt: expect.any(String),
      bytesIn: 8,
      bytesOut: 38,
      requests: 2,
      lastCommand: "time",
      uid: statSync(`/proc/${first.pid}`).uid,
      stopped: false,
      cpuPercent: expect.any(Number),
      privateBytes: expect.any(Number),
      residentBytes: expect.any(Number),
      below: null,
    },
    expect.objectContaining({ id: second.id, pid: second.pid, bytesIn: 0, lastCommand: null }),
  ]);
  const [{ startedAt }] = (await listChildren(server)) as [{ startedAt: string }];
  expect(Date.parse(startedAt)).toBeWithin(before, Date.now() + 1);

  await first.quit();
  await server.event("ended");
  expect(await listChildren(server)).toEqual([expect.objectContaining({ id: second.id })]);
});

test("the list accepts the page's filter and sort order", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await second.askTime();
  await server.event("request");
  const ids = async (query: string) => {
    const { headers, text } = await request(server, `api/children${query}`);
    expect(headers.get("cache-control")).toBe("no-store");
    return (JSON.parse(text) as { id: string }[]).map(({ id }) => id);
  };
  expect(await ids("?dir=desc")).toEqual([second.id, first.id]);
  expect(await ids("?sort=out")).toEqual([first.id, second.id]);
  expect(await ids(`?filter=${first.client.port}`)).toEqual([first.id]);
  expect(await ids("?filter=nobody")).toEqual([]);
  expect(await ids("?filter=nobody&filter=")).toEqual([]); // the first of several
  expect(await ids("?sort=out&sort=since&dir=sideways")).toEqual([first.id, second.id]);
});

test("with very many children the list has each live one immediately, and its usage soon", async () => {
  await using server = await startServer({ maxPerSource: 1000, spares: 50 });
  await using servedClients = await connectManyServed(server, 205);
  const list = async () => (await listChildren(server)) as ChildJson[];
  const isRead = async () => {
    const children = await list();
    expect(children.map(({ id }) => id)).toEqual(servedClients.all.map(({ id }) => id));
    return children.every(({ privateBytes }) => (privateBytes ?? 0) > 100_000);
  };
  await until(isRead, "the usage of each is there");
  await using late = await connectServed(server);
  expect((await list()).at(-1)?.pid).toBe(late.pid);
  await late.quit();
  await server.event("ended");
  expect(await isRead()).toBe(true);
});

test("a kill with wait=1 responds with the receipt", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  const sent = { id: served.id, pid: served.pid, sent: true };
  const receipt = { by: "operator at 127.0.0.1", ms: expect.any(Number), leftovers: 0 };
  expect(await kill(server, served.id, "?signal=STOP&wait=1")).toEqual([
    200,
    { ...sent, signal: "STOP", receipt: { ...receipt, sent: ["STOP"], outcome: "stopped" } },
  ]);
  expect(await kill(server, served.id, "?then=KILL&wait=1")).toEqual([
    200,
    { ...sent, signal: "TERM", receipt: { ...receipt, sent: ["TERM", "KILL"], outcome: "gone" } },
  ]);
  expect(await kill(server, served.id, "?wait=1")).toMatchObject([410, {}]);
});

for (const signal of ["TERM", "INT", "HUP", "KILL"] as const) {
  test(`${signal} ends that child and no other, and the response says what was sent`, async () => {
    const server = await sharedServer();
    await using killed = await connectServed(server);
    await using other = await connectServed(server);
    const sent = { id: killed.id, pid: killed.pid, signal, sent: true };
    expect(await kill(server, killed.id, `?signal=${signal}`)).toEqual([202, sent]);
    expect(await server.event("ended")).toMatchObject({
      id: killed.id,
      reason: "killed by operator",
      signal: `SIG${signal}`,
    });
    expect(await killed.client.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(isRunning(killed.pid)).toBe(false);
    await other.askTime();
    expect(server.events("ended")).toHaveLength(1);
  });
}

test("STOP freezes a child until CONT, and KILL ends a frozen one", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  expect(await kill(server, served.id, "?signal=STOP")).toMatchObject([202, { signal: "STOP" }]);
  await untilStopped(served.pid);
  await served.client.send("time");
  expect(await kill(server, served.id, "?signal=CONT")).toMatchObject([202, { signal: "CONT" }]);
  expect(await served.client.read(19)).toMatch(/^\d{4}\//);

  await kill(server, served.id, "?signal=STOP");
  await untilStopped(served.pid);
  expect(await kill(server, served.id, "?signal=KILL")).toMatchObject([202, { signal: "KILL" }]);
  expect(await server.event("ended")).toMatchObject({ signal: "SIGKILL" });
  expect(await served.client.readToEnd()).toEqual({ text: "", end: "clean" });
});

test("the default signal is TERM", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  expect(await kill(server, served.id)).toMatchObject([202, { signal: "TERM" }]);
  expect(await server.event("ended")).toMatchObject({ signal: "SIGTERM" });
});

test("an unknown signal is refused with a list of the valid ones, and nothing is sent", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  for (const signal of ["USR1", "SIGTERM", "term", "15", "0", "", "TERM,KILL"]) {
    const query = `?signal=${encodeURIComponent(signal)}`;
    const body = { error: `signal must be one of ${SIGNALS.join(", ")}` };
    expect([signal, ...(await kill(server, served.id, query))]).toEqual([signal, 400, body]);
  }
  await served.askTime();
  expect(server.events("signal sent")).toEqual([]);
});

test("a child that has ended is 410 Gone, however often it is killed", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await served.quit();
  await server.event("ended");
  const gone = { error: "this child has already ended" };
  expect(await kill(server, served.id)).toEqual([410, gone]);
  expect(await kill(server, served.id)).toEqual([410, gone]);
});

test("neither a PID nor any other number is accepted as an ID", async () => {
  await using server = await startServer(); // an ID that ends in -2 belongs to no session
  await using served = await connectServed(server);
  const [instance] = served.id.split("-");
  const foreign = [
    server.pid,
    served.pid,
    process.pid,
    1,
    0,
    -1,
    "1e0",
    `${instance}-2`,
    `${instance}-0`,
    `${instance}-01`,
    `${instance}-1-1`,
    `${instance}--1`,
    `${served.id}%20`,
    `${served.id}%00`,
    "__proto__",
  ];
  for (const id of foreign) {
    const answer = await kill(server, `${id}`);
    expect([id, ...answer]).toEqual([id, 404, { error: "no such child" }]);
  }
  expect(server.events("signal sent")).toEqual([]);
  await served.askTime();
});

test("an ID from before a restart belongs to no child", async () => {
  const before = await startServer();
  const old = await connectServed(before);
  await old.quit();
  await before.stop();

  const { port: dashboardPort } = new URL(before.url);
  await using server = await startServer({
    port: before.port,
    dashboard: `127.0.0.1:${dashboardPort}`,
  });
  await using served = await connectServed(server);
  expect(served.id).not.toBe(old.id);
  expect(await kill(server, old.id, "?signal=KILL")).toEqual([404, { error: "no such child" }]);
  await served.askTime();
});
