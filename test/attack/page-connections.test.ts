/** Connections to the page that take descriptors or streams from clients and operators. */
import { expect, test } from "bun:test";
import { request, urlOf } from "../dashboard/request.ts";
import { type Client, connect } from "../harness/connect.ts";
import { threads } from "../harness/processes.ts";
import { EXECUTABLE } from "../harness/run.ts";
import { type Server, startServer } from "../harness/server.ts";
import { until, untilEqual } from "../harness/until.ts";
import { basic, PASSWORD, PASSWORDS, WATCH_PASSWORD } from "./page-passwords.ts";

/** Of the server in this test: fewer than it gets connections. */
const MAX_DESCRIPTORS = 300;

const TIME = /^\d{4}\/\d\d\/\d\d /;

/** Sends a first request on a connection to the page, which stays open. */
async function openConnection(server: Server, bytes: string): Promise<Client> {
  const client = await connect(Number(urlOf(server, "/").port));
  client.sendSome(bytes);
  return client;
}

for (const [what, bytes] of [
  ["have sent a request", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["have sent half a request", "GET /healthz HTTP/1.1\r\nHost: "],
  ["send nothing", ""],
] as const) {
  test(`320 connections to the page, from the first moment, that ${what} leave descriptors for clients and the operator`, async () => {
    const program = ["prlimit", `--nofile=${MAX_DESCRIPTORS}:${MAX_DESCRIPTORS}`, EXECUTABLE];
    await using server = await startServer({ maxPerSource: 1000 }, { program });
    // Bun ends a process that has no descriptors left while a thread starts.
    expect(threads(server.pid)).toContain("history");
    await using stack = new AsyncDisposableStack();
    const attackers: Client[] = [];
    while (attackers.length < 320) attackers.push(stack.use(await openConnection(server, bytes)));
    await until(async () => {
      const { text } = await request(server, "/metrics").catch(() => ({ text: "" })); // closed, like the others
      const value = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
      return (
        value("brood_page_connections_closed_total") > 0 &&
        value("process_open_fds") < MAX_DESCRIPTORS - MAX_DESCRIPTORS / 4
      );
    }, "connections are closed, and descriptors are left");
    for (let i = 0; i < 20; i += 1) {
      const client = stack.use(await connect(server.port));
      await client.send("time");
      expect(await client.read(19)).toMatch(TIME);
    }
    expect((await request(server, "/pstree")).status).toBe(200);
    const isOpen = async () => (await request(server, "/api/history")).status === 200;
    await until(isOpen, "the history is open");
  });
}

test("watchers who open every stream they can lock out neither the operator nor each other", async () => {
  await using server = await startServer({}, { env: PASSWORDS });
  await using stack = new AsyncDisposableStack();
  const page = Number(urlOf(server, "/").port);
  const open = async (password: string, from: string) => {
    const client = stack.use(await connect(page, { from }));
    const { Authorization } = basic(password);
    await client.send(
      `GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${Authorization}\r\n\r\n`,
    );
    return { client, status: Number((await client.readUntil("\r\n")).split(" ")[1]) };
  };
  const opened: Awaited<ReturnType<typeof open>>[] = [];
  for (const from of ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"]) {
    for (let i = 0; i < 25; i += 1) opened.push(await open(WATCH_PASSWORD, from));
    expect([from, (await open(WATCH_PASSWORD, from)).status]).toEqual([from, 503]);
  }
  expect(opened.map(({ status }) => status)).toEqual(opened.map(() => 200));
  const operator = await open(PASSWORD, "127.0.0.1");
  expect(operator.status).toBe(200);
  const reader = await open(WATCH_PASSWORD, "127.0.0.6");
  expect(reader.status).toBe(200);
  // The streams that made room have ended; the last chunk of a response is empty.
  const ended = () =>
    opened.filter(({ client }) => client.received.endsWith("\r\n0\r\n\r\n")).length;
  await untilEqual(ended, 2);
  await operator.client.readUntil("event: ");
});
