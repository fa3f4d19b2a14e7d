/** What goes wrong for one client harms no other. */
import { expect, test } from "bun:test";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Client, connect } from "../../harness/connect.ts";
import { freeze, isRunning, pstree, untilAsleep } from "../../harness/processes.ts";
import { run, EXECUTABLE } from "../../harness/run.ts";
import { type Server, startServer, startServerWithoutPage } from "../../harness/server.ts";
import { readStatus } from "../../harness/status.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { expectServed } from "../child/served.ts";

/** The PID of the child that serves this client. */
async function childOf(server: Server, client: Client): Promise<number> {
  return (await server.event("serving", ({ remotePort }) => remotePort === client.port)).pid;
}

/** The end of this client's session. */
function endOf(server: Server, client: Client) {
  return server.event("ended", ({ remotePort }) => remotePort === client.port);
}

test("a client whose process cannot be started is told so, and other clients are not harmed", async () => {
  await using server = await startServer({}, { unprivileged: true });
  await using unhurt = await connect(server.port);
  await expectServed(unhurt);

  await server.limitProcesses(1);
  for (const text of ["", "time\r\n", "x".repeat(100_000)]) {
    await using client = await connect(server.port);
    await client.send(text);
    expect(await client.readToEnd()).toEqual({
      text: "the server could not start a process for you, try again later\r\n",
      end: "clean",
    });
    const refused = await server.event("refused", ({ remotePort }) => remotePort === client.port);
    expect(refused).toMatchObject({
      reason: "no process could be started",
      detail: expect.stringContaining("EAGAIN"),
    });
  }
  await expectServed(unhurt);
  expect(await pstree(server.pid)).toBe("server---server\n");

  await server.limitProcesses(null);
  await using next = await connect(server.port);
  await expectServed(next);
});

/** The server's command with room for about fifteen clients. */
const FEW_DESCRIPTORS = ["prlimit", "--nofile=60:60", EXECUTABLE];
const NO_DESCRIPTOR = "the server is out of descriptors, try again later\r\n";

test("when descriptors run out accepting pauses, and resumes by itself when clients leave", async () => {
  await using server = await startServer({}, { program: FEW_DESCRIPTORS });
  await using stack = new AsyncDisposableStack();
  const status = () => readStatus(server);
  const served: Client[] = [];
  const waiting: Client[] = [];
  const arrive = async () => {
    const client = stack.use(await connect(server.port));
    await client.send("time\n");
    return client;
  };
  // The last client is refused, or waits if the master found out by itself that
  // descriptors have run out.
  for (let count = 0; (await status()).state === "accepting"; count += 1) {
    const client = await arrive();
    const waits = async () => {
      const { state, received } = await status();
      return state === "paused" && received === count;
    };
    const hasLine = () => client.received.endsWith("\n");
    await until(async () => hasLine() || (await waits()), "the client gets a line, or waits");
    if (!hasLine()) waiting.push(client);
    else if (client.received !== NO_DESCRIPTOR) served.push(client);
  }
  expect(served.length).toBeGreaterThan(10);
  await server.event("paused");
  expect(await status()).toMatchObject({ state: "paused", until: expect.any(String) });

  // Clients that come now wait in the kernel's queue, and Bun does not spin on them.
  waiting.push(await arrive(), await arrive());
  await untilAsleep(server.pid);
  for (const client of served) expect(await client.readUntil("\n")).toStartWith("2");
  for (const client of served) await expectServed(client);
  // The master notices all of them at once: it would accept all that wait as soon
  // as there is room for one.
  const quitting = served.splice(0, 12);
  const children = await Promise.all(quitting.map((client) => childOf(server, client)));
  await freeze(server.pid);
  for (const client of quitting) await client.send("quit\n");
  await until(() => !children.some(isRunning), "the clients' children have ended");
  process.kill(server.pid, "SIGCONT");
  for (const client of waiting) expect(await client.readUntil("\n")).toStartWith("2");
  await server.event("resumed");
  for (const client of served) await expectServed(client);
  expect(await status()).toMatchObject({ state: "accepting", until: null });
});

test("of more clients than there are descriptors for, each is served or told so", async () => {
  await using server = await startServer({}, { program: FEW_DESCRIPTORS });
  await using stack = new AsyncDisposableStack();
  await freeze(server.pid);
  const clients: Client[] = [];
  while (clients.length < 60) {
    const client = stack.use(await connect(server.port));
    await client.send("time\n");
    clients.push(client);
  }
  process.kill(server.pid, "SIGCONT");
  const first = await server.event("refused");
  expect(first.reason).toBe("out of descriptors");
  const refused: number[] = [];
  for (const client of clients) {
    const line = await client.readUntil("\n");
    if (line === NO_DESCRIPTOR) refused.push(client.port);
    else {
      expect(line).toStartWith("2");
      await client.send("quit\n");
    }
    await client.readToEnd();
  }
  expect(refused).toContain(first.remotePort);
  const status = async () => {
    const { state, live, accepted, refused } = await readStatus(server);
    return { state, live, accepted, refused };
  };
  const accepted = clients.length - refused.length;
  await untilEqual(status, { state: "accepting", live: 0, accepted, refused: refused.length });
});

for (const signal of ["SIGKILL", "SIGTERM", "SIGSEGV", "SIGABRT", "SIGHUP"] as const) {
  test(`a child ended by ${signal} takes only its own client with it`, async () => {
    await using server = await startServerWithoutPage({}, { mayWriteErrors: true });
    await using first = await connect(server.port);
    await using second = await connect(server.port);
    await using third = await connect(server.port);
    for (const client of [first, second, third]) await expectServed(client);

    process.kill(await childOf(server, second), signal);
    expect(await second.readToEnd()).toEqual({ text: "", end: "clean" });
    const crash = signal === "SIGSEGV" || signal === "SIGABRT";
    const reason = crash ? "crashed" : "killed by signal";
    expect(await endOf(server, second)).toMatchObject({ reason, signal });
    expect(await pstree(server.pid)).toBe("server---2*[server]\n");
    for (const client of [first, third]) await expectServed(client);
  });
}

test("a stopped child keeps its client waiting, and continues where it was", async () => {
  await using server = await startServerWithoutPage();
  await using client = await connect(server.port);
  await using other = await connect(server.port);
  const pid = await childOf(server, client);
  await freeze(pid);
  await client.send("time\n");
  await expectServed(other);
  expect(client.received).toBe("");
  process.kill(pid, "SIGCONT");
  expect(await client.readUntil("\n")).toMatch(/^[\d/]{10} [\d:]{8}\n$/);
});

test("a silent client is disconnected after the idle timeout, an active one is not", async () => {
  await using server = await startServerWithoutPage({ idleTimeout: "2s" });
  await using silent = await connect(server.port);
  await using talking = await connect(server.port);
  let isOver = false;
  const end = silent.readToEnd().finally(() => (isOver = true));
  await until(async () => {
    await expectServed(talking);
    return isOver;
  }, "the silent client is disconnected");
  expect(await end).toEqual({ text: "", end: "clean" });
  expect(await endOf(server, silent)).toMatchObject({ reason: "idle", exitCode: 0 });
  await expectServed(talking);
});

test("a client beyond --max-clients is refused in one line, and there is room again when one leaves", async () => {
  await using server = await startServerWithoutPage({ maxClients: 2 });
  await using first = await connect(server.port);
  await using second = await connect(server.port);
  await expectServed(first);
  await expectServed(second);
  await using third = await connect(server.port);
  await third.send("time\n");
  expect(await third.readToEnd()).toEqual({ text: "too many clients\r\n", end: "clean" });
  expect(await server.event("refused")).toMatchObject({ remotePort: third.port });

  await first.send("quit\n");
  await endOf(server, first);
  await using fourth = await connect(server.port);
  await expectServed(fourth);
});

test("a client beyond --max-per-source is refused, one from another address is not", async () => {
  await using server = await startServerWithoutPage({ maxPerSource: 1, host: "0.0.0.0" });
  await using first = await connect(server.port);
  await expectServed(first);
  await using second = await connect(server.port);
  expect(await second.readToEnd()).toEqual({
    text: "too many clients from this source\r\n",
    end: "clean",
  });
  const fromElsewhere = ["nc", "-N", "-s", "127.0.0.2", "127.0.0.1", String(server.port)];
  expect((await run(fromElsewhere, { stdin: "quit" })).stdout).toBe("quit");
});

test("a refused client that never closes does not hold up the shutdown", async () => {
  await using server = await startServerWithoutPage({ maxClients: 1 });
  await using first = await connect(server.port);
  await expectServed(first);
  await using second = await connect(server.port);
  await second.readUntil("\r\n");
  await server.stop();
});

test("the server goes on when its temporary files are removed", async () => {
  await using server = await startServerWithoutPage();
  for (const name of readdirSync(server.directory)) {
    rmSync(join(server.directory, name), { recursive: true });
  }
  await using client = await connect(server.port);
  await expectServed(client);
  expect(await pstree(server.pid)).toBe("server---server\n");
});

test("a child outlives a master that was killed, serves its client to the end, and exits", async () => {
  await using server = await startServerWithoutPage();
  await using client = await connect(server.port);
  const pid = await childOf(server, client);
  server.signal("SIGKILL");
  await server.exited();
  await expectServed(client);
  expect(isRunning(pid)).toBe(true);
  await client.send("quit\n");
  expect(await client.readToEnd()).toEqual({ text: "quit\n", end: "clean" });
  await server.stop();
});
