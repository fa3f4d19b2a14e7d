/** Spares: children that are started ahead of their clients. */
import { describe, expect, test } from "bun:test";
import { type Client, connect } from "../../harness/connect.ts";
import { descriptors, freeze, isRunning, listFamily, pstree } from "../../harness/processes.ts";
import { type Server, startServer, startServerWithoutPage } from "../../harness/server.ts";
import { readStatus } from "../../harness/status.ts";
import { until, untilLess } from "../../harness/until.ts";
import { expectServed } from "../child/served.ts";

const TIME = /^[\d/]{10} [\d:]{8}$/;

/** The PIDs of the spares that the page shows as ready. */
async function readySpares(server: Server): Promise<number[]> {
  const html = await (await fetch(server.url)).text();
  const rows = html.matchAll(/<tr id="spare-(\d+)">(.*?)<\/tr>/gs);
  return Array.from(rows).flatMap(([, pid, row]) => (row?.includes("ready") ? [Number(pid)] : []));
}

async function untilReady(server: Server, count: number): Promise<number[]> {
  let ready: number[] = [];
  await until(
    async () => (ready = await readySpares(server)).length === count,
    () => `${count} spares are ready; now: ${ready.join(" ")}`,
  );
  return ready;
}

/** The PID of the process that took this client, and whether it was a spare. */
async function takenBy(server: Server, client: Client) {
  const { pid, spare } = await server.event(
    "spawned",
    ({ remotePort }) => remotePort === client.port,
  );
  return { pid, spare };
}

async function quit(client: Client): Promise<void> {
  await client.send("quit\r\n");
  expect(await client.readToEnd()).toEqual({ text: "quit\r\n", end: "clean" });
}

const isRoot = process.getuid?.() === 0;

test("spares are in the process tree, and each takes one client and is replaced", async () => {
  await using server = await startServer({ spares: 3 });
  const spares = await untilReady(server, 3);
  expect(await pstree(server.pid)).toBe("server---3*[server]\n");

  await using client = await connect(server.port);
  await expectServed(client);
  const { pid, spare } = await takenBy(server, client);
  expect(spare).toBe(true);
  expect(spares).toContain(pid);
  const now = await untilReady(server, 3);
  expect(now).not.toContain(pid);
  expect(await pstree(server.pid)).toBe("server---4*[server]\n");

  await quit(client);
  await server.event("ended", (event) => event.pid === pid);
  await until(() => !isRunning(pid), "the child has gone with its client");
  expect(await pstree(server.pid)).toBe("server---3*[server]\n");
});

test("no process serves a second client", async () => {
  await using server = await startServerWithoutPage({ spares: 2 });
  for (let count = 1; count <= 20; count += 1) {
    await using client = await connect(server.port);
    await expectServed(client);
    await quit(client);
  }
  await until(() => server.events("ended").length === 20, "all sessions have ended");
  expect(new Set(server.events("spawned").map(({ pid }) => pid)).size).toBe(20);
  expect(server.events("spawned").some(({ spare }) => spare)).toBe(true);
  expect(server.events("warning")).toBeEmpty();
});

test("more clients at once than there are spares are all served", async () => {
  await using server = await startServer({ spares: 2 });
  await untilReady(server, 2);
  await using stack = new AsyncDisposableStack();
  const clients: Client[] = [];
  const connected = Array.from({ length: 20 }, () => connect(server.port));
  for (const client of await Promise.all(connected)) clients.push(stack.use(client));
  await Promise.all(clients.map(expectServed));
  await until(() => server.events("spawned").length === 20, "each client's child is logged");
  const spawned = server.events("spawned");
  expect(spawned.filter(({ spare }) => spare).length).toBeGreaterThanOrEqual(2);
});

test("whatever a client does while a spare takes it, it is served as by any other child", async () => {
  await using server = await startServer({ spares: 4 });
  const junk = "x".repeat(4000);
  for (let round = 0; round < 5; round += 1) {
    await untilReady(server, 4);

    await using silent = await connect(server.port);
    await server.event("serving", ({ remotePort }) => remotePort === silent.port);
    await expectServed(silent);

    await using gone = await connect(server.port);
    await gone.send("time");
    gone.halfClose();
    expect(await gone.readToEnd()).toEqual({ text: expect.stringMatching(TIME), end: "clean" });

    await using torn = await connect(server.port);
    torn.reset();

    // More than is read at once, and a reply to the very last of it.
    await using much = await connect(server.port);
    await much.send(`${`${junk}\n`.repeat(50)}timequit\n`);
    expect((await much.readToEnd()).text).toMatch(/^[\d/]{10} [\d:]{8}quit\n$/);
    await quit(silent);
  }
  // A client that reset before it was accepted is no session.
  const { accepted: sessions } = await readStatus(server);
  expect(sessions).toBeWithin(15, 21);
  await until(() => server.events("ended").length === sessions, "all sessions have ended");
  const reasons = server.events("ended").map(({ reason }) => reason);
  expect(reasons.filter((reason) => reason === "quit")).toHaveLength(10);
  expect(reasons.filter((reason) => reason === "client left").length).toBeGreaterThanOrEqual(5);
  expect(reasons).not.toContain("crashed");
  expect(server.events("spawned").every(({ spare }) => spare)).toBe(true);
});

test("a spare that dies is logged and replaced, and gets no client", async () => {
  await using server = await startServer({ spares: 2 });
  const spares = await untilReady(server, 2);
  for (const pid of spares) process.kill(pid, "SIGKILL");
  await using client = await connect(server.port);
  await expectServed(client);
  await until(() => server.events("warning").length === 2, "both are logged");
  const logged = server
    .events("warning")
    .map(({ message }) => /^spare PID (\d+) /.exec(message)?.[1]);
  expect(logged.map(Number).sort()).toEqual(spares.sort());
  const now = await untilReady(server, 2);
  expect(now.filter((pid) => spares.includes(pid))).toBeEmpty();
});

describe("a spare that is stuck", () => {
  /** A server whose only spare is frozen. */
  async function stuckServer(unprivileged = false): Promise<{ server: Server; stuck: number[] }> {
    const server = await startServer({ spares: 1 }, { unprivileged });
    const stuck = await untilReady(server, 1);
    for (const pid of stuck) await freeze(pid);
    return { server, stuck };
  }

  test("is replaced by a new child for its client, and is killed", async () => {
    const { server, stuck } = await stuckServer();
    await using _ = server;
    await using client = await connect(server.port);
    await expectServed(client);
    const first = await server.event("spawned", ({ spare }) => spare);
    const second = await server.event("spawned", ({ spare }) => !spare);
    expect(first.pid).toBe(stuck[0] as number);
    expect(second.id).toBe(first.id);
    expect(await server.event("warning")).toMatchObject({
      message: `spare PID ${first?.pid} did not take its client, PID ${second?.pid} does`,
    });
    expect(isRunning(stuck[0] as number)).toBe(false);
    await quit(client);
    expect(await server.event("ended")).toMatchObject({ reason: "quit", pid: second?.pid });
  });

  test("is not replaced if the operator ends its session", async () => {
    const { server } = await stuckServer();
    await using _ = server;
    await using client = await connect(server.port);
    const { id } = await server.event("spawned");
    const response = await fetch(`${server.url}api/children/${id}?signal=KILL`, {
      method: "DELETE",
    });
    expect(response.status).toBe(202);
    expect(await client.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(await server.event("ended")).toMatchObject({ reason: "killed by operator" });
    expect(server.events("spawned")).toHaveLength(1);
  });

  test("does not keep the server from stopping", async () => {
    const { server } = await stuckServer();
    await using client = await connect(server.port);
    await server.event("spawned");
    expect(await server.stop()).toBe(0);
    expect(await client.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(await server.event("ended")).toMatchObject({ reason: "server stopped" });
    expect(server.events("spawned")).toHaveLength(1);
  });

  test("whose client cannot get another process refuses the client, and its session ends", async () => {
    const { server } = await stuckServer(true);
    await using _ = server;
    await server.limitProcesses(1);
    await using client = await connect(server.port);
    await client.send("time\n");
    expect(await client.readToEnd()).toEqual({
      text: "the server could not start a process for you, try again later\r\n",
      end: "clean",
    });
    const warned = ({ message }: { message: string }) =>
      message.includes("no other process could be started");
    expect((await server.event("warning", warned)).message).toContain("EAGAIN");
    await server.event("ended");
    await server.limitProcesses(null);
    await using next = await connect(server.port);
    await expectServed(next);
  });
});

test("spares that cannot be started are logged, and started as soon as they can be", async () => {
  await using server = await startServer({ spares: 2 }, { unprivileged: true });
  const [first] = await untilReady(server, 2);
  await server.limitProcesses(1);
  process.kill(first as number, "SIGKILL");
  const failed = ({ message }: { message: string }) => message.startsWith("no spare could be");
  expect((await server.event("warning", failed)).message).toContain("EAGAIN");
  await server.limitProcesses(null);
  await untilReady(server, 2);
});

test("spares end when their master is killed", async () => {
  await using server = await startServer({ spares: 2 });
  const spares = await untilReady(server, 2);
  server.signal("SIGKILL");
  await server.exited();
  await until(() => !spares.some(isRunning), "the spares have ended");
  await server.stop();
});

test("if sockets cannot be passed there are no spares: one line says so, and all else works", async () => {
  // Without its JIT compiler Bun cannot call libc.
  await using server = await startServerWithoutPage(
    { spares: 2 },
    { env: { BUN_JSC_useJIT: "0" } },
  );
  await server.event("warning", ({ message }) => message.startsWith("no spares: "));
  // Nor can it look up whether a user ID is free.
  const isShared = ({ message }: { message: string }) =>
    message.startsWith("children share the user");
  expect(server.events("warning").filter(isShared)).toHaveLength(isRoot ? 1 : 0);
  await using client = await connect(server.port);
  await expectServed(client);
  expect(await takenBy(server, client)).toMatchObject({ spare: false });
  await quit(client);
  expect(server.events("warning").filter((warning) => !isShared(warning))).toHaveLength(1);
});

test("the clients of spares leave no open descriptor and no process behind", async () => {
  await using server = await startServer({ spares: 2 });
  async function serveOne(): Promise<void> {
    await untilReady(server, 2);
    const before = server.events("ended").length;
    await using client = await connect(server.port);
    await expectServed(client);
    if (before % 2 === 0) client.reset();
    else await quit(client);
    await until(() => server.events("ended").length > before, "the session has ended");
  }
  await serveOne();
  await untilReady(server, 2);
  const before = descriptors(server.pid).length;
  for (let i = 0; i < 20; i += 1) await serveOne();
  await untilReady(server, 2);
  await untilLess(() => descriptors(server.pid).length, before + 1);
  expect(await listFamily(server.pid)).toHaveLength(3);
  expect(server.events("spawned").every(({ spare }) => spare)).toBe(true);
});

test("spares do not count as clients, neither for the limits nor in the list of children", async () => {
  await using server = await startServer({ spares: 3, maxClients: 1 });
  await untilReady(server, 3);
  expect(await (await fetch(`${server.url}api/children`)).json()).toEqual([]);
  await using client = await connect(server.port);
  await expectServed(client);
  expect(await (await fetch(`${server.url}api/children`)).json()).toHaveLength(1);
});
