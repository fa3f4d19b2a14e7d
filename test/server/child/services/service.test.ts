/** `--service ./my.ts`: a service of the user's. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { type Client, connect } from "../../../harness/connect.ts";
import { isRunning, readMemory } from "../../../harness/processes.ts";
import { type Server, startServer, startServerWithoutPage } from "../../../harness/server.ts";
import { shareServers } from "../../../harness/shared-server.ts";
import { until, untilStill } from "../../../harness/until.ts";

const TRICKS = join(import.meta.dir, "modules/tricks.ts");
const STATELESS = join(import.meta.dir, "modules/stateless.ts");
const BYTES = join(import.meta.dir, "modules/bytes.ts");

const sharedServer = shareServers(startServerWithoutPage);

const FAILED = "the service has failed\n".replace("\n", "\r\n");

/** Returns a client that has been greeted. */
async function greeted(server: Server): Promise<Client> {
  const client = await connect(server.port);
  expect(await client.readUntil("\n")).toBe("ready\n");
  return client;
}

async function ask(client: Client, line: string): Promise<string> {
  await client.send(`${line}\r\n`);
  return client.readUntil("\n");
}

for (const spares of [0, 1]) {
  test(`each client has its own module and state, with ${spares} spares`, async () => {
    await using server = await startServerWithoutPage({ service: TRICKS, spares });
    await using first = await greeted(server);
    await using second = await greeted(server);
    expect(await ask(first, "count")).toBe("1\n");
    expect(await ask(first, "count")).toBe("2\n");
    expect(await ask(second, "count")).toBe("1\n");
    const { id } = await server.event("serving", (event) => event.remotePort === second.port);
    expect(await ask(second, "who")).toBe(`${id} 127.0.0.1 ${second.port}\n`);
    await second.send("end goodbye\n");
    expect(await second.readToEnd()).toEqual({ text: "goodbye\n", end: "clean" });
    const ended = await server.event("ended");
    expect(ended).toMatchObject({ reason: "ended by service", requests: 3, exitCode: 0 });
    expect(await ask(first, "say still there")).toBe("still there\n");
  });
}

test("lines come one at a time, each when the handler of the last one is done", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  await client.send("wait 60\nsay a\rwait 1\r\0say b\r\n");
  expect(await client.readUntil("b\n")).toBe("waited 60\na\nwaited 1\nb\n");
});

test("everything sent before the client's end is answered, even a line without its ending", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  await client.send("wait 50\nsay last");
  client.halfClose();
  expect(await client.readToEnd()).toEqual({ text: "waited 50\nlast\n", end: "clean" });
  expect((await server.event("ended")).reason).toBe("client left");
  expect((await server.event("printed")).text).toBe("leaves: left");
});

test("a line has no control characters, no telnet commands and at most 4,096 bytes", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  expect(await ask(client, "say \xff\xf1a\x1b[2J\x00b\x07\t\xe2\x80\xaec")).toBe("a[2Jb\tc\n");
  expect(await ask(client, `say ${Buffer.from("grüße 한").toString("latin1")}`)).toBe(
    `${Buffer.from("grüße 한").toString("latin1")}\n`,
  );
  expect(await ask(client, "say " + "x".repeat(5000))).toBe(
    "line too long: at most 4096 bytes\r\n",
  );
  expect(await ask(client, "count")).toBe("3\n");
});

for (const [action, error] of [
  ["throw", "TypeError: thrown at once\n    at throw ("],
  ["reject", "TypeError: thrown later\n    at "],
  ["timer", "TypeError: thrown by a timer\n    at "],
  ["floating", "TypeError: thrown by a promise that nobody awaits\n    at floating ("],
  ["nothing", "thrown: 'no error at all'"],
  ["nonsense", "TypeError: a message must be something that JSON can express\n    at nonsense ("],
] as const) {
  test(`a service that fails ends only its own session, with a line to the client and its stack in the log: ${action}`, async () => {
    await using server = await startServer({ service: TRICKS });
    await using other = await greeted(server);
    await using client = await greeted(server);
    await client.send(`say before\n${action}\n`);
    expect(await client.readToEnd()).toEqual({ text: `before\n${FAILED}`, end: "clean" });
    const failed = await server.event("failed");
    expect(failed).toMatchObject({ remotePort: client.port });
    expect(failed.error).toStartWith(error);
    if (error.includes("\n")) expect(failed.error).toMatch(/tricks\.ts:\d+:\d+\)?$/m);
    expect(await server.event("ended")).toMatchObject({ reason: "service failed", exitCode: 0 });
    expect(await ask(other, "say unhurt")).toBe("unhurt\n");
    const page = await (await fetch(server.url)).text();
    expect(page).toContain("service failed: ");
    expect(server.events("failed")).toHaveLength(1);
  });
}

test("of very many failures at once the first is reported, and the others are counted", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  await client.send("rejections 2000\n");
  expect(await client.readToEnd()).toEqual({ text: FAILED, end: "clean" });
  expect(await server.event("ended")).toMatchObject({ reason: "service failed", exitCode: 0 });
  expect(server.events("failed").map(({ error }) => error.split("\n")[0])).toEqual([
    "Error: rejection 1",
  ]);
  expect(server.events("printed").map(({ text }) => text)).toEqual([
    "leaves: service failed",
    "1999 more errors were thrown after the first",
  ]);
});

test("the stack has the causes, too, even if they form a circle", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  await client.send("because\n");
  expect((await client.readToEnd()).text).toBe(FAILED);
  const { error } = await server.event("failed");
  expect(error).toMatch(/^Error: caused\n {4}at because \(tricks\.ts:\d+:\d+\)/);
  expect(error).toContain("\nbecause of RangeError: the cause\n    at because (tricks.ts:");
  expect(error).toContain("\nbecause of AggregateError: a circle\n");
  expect(error).toContain("\nbecause of thrown: 'a text'");
});

test("a handler that never ends blocks only its own client", async () => {
  await using server = await startServerWithoutPage({ service: TRICKS, maxSession: "4s" });
  await using blocked = await greeted(server);
  const { id, pid } = await server.event("serving");
  await blocked.send("block\nsay never\n");
  await using other = await greeted(server);
  expect(await ask(other, "say unhurt")).toBe("unhurt\n");
  // The child cannot meet its own deadline: the master does.
  const ended = await server.event("ended", (event) => event.id === id);
  expect(ended).toMatchObject({ reason: "stuck", signal: "SIGTERM" });
  expect(isRunning(pid)).toBe(false);
});

test("a service that ends its process counts as crashed", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  await client.send("exit\n");
  await client.readToEnd();
  expect(await server.event("ended")).toMatchObject({ reason: "crashed", exitCode: 5 });
});

test("what a service logs and prints is in the log, escaped; of very much, a part", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  await client.send("log h\xc3\xa9\x07\n");
  await client.send("chatter 5000\n");
  expect(await ask(client, "count")).toBe("3\n");
  await client.send("end\n");
  await client.readToEnd();
  await server.event("ended");
  const printed = server.events("printed").map(({ text }) => text);
  // What is printed reaches the master in another way than what is logged.
  for (const how of ["", " on stderr", " on stdout", " by a program"]) {
    expect(printed).toContain(`hé${how}`);
  }
  expect(printed).toContain("line 1");
  expect(printed).toContain("leaves: ended by service");
  const left = server.events("lines not listed").reduce((sum, { count }) => sum + count, 0);
  expect(printed.length + left).toBe(5005);
  expect(printed.length).toBeLessThan(200);
});

test("the signal is aborted when the client resets", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  await client.send("watch\n");
  client.reset();
  expect(await server.event("printed", ({ text }) => text === "aborted")).toMatchObject({
    remotePort: client.port,
  });
  expect(await server.event("ended")).toMatchObject({ reason: "client reset" });
});

test("a client that has left is noticed even if a handler waits for ever", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  await client.send("watch\n");
  client.close();
  await server.event("printed", ({ text }) => text === "aborted");
  expect((await server.event("ended")).reason).toBe("client left");
});

test("leave is called when the handler under way is done", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  await client.send("endure 700\n");
  await client.readToEnd();
  const { bytesIn } = await server.event("ended");
  expect(server.events("printed").map(({ text }) => text)).toEqual([
    "endured",
    "leaves: ended by service",
  ]);
  expect(bytesIn).toBe("endure 700\n".length);
});

test("a state that throws ends only its own session, with a line to the client and its stack in the log", async () => {
  await using server = await startServerWithoutPage({ service: STATELESS });
  await using client = await connect(server.port);
  expect(await client.readToEnd()).toEqual({ text: FAILED, end: "clean" });
  const { error } = await server.event("failed");
  expect(error).toMatch(/^Error: no state\n {4}at .*\bstateless\.ts:\d+:\d+/);
  expect((await server.event("ended")).reason).toBe("service failed");
});

test("many small writes that are not awaited all arrive", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  const lines = 100_000;
  client.pause();
  await client.send(`scribble ${lines}\nend\n`);
  const { pid } = await server.event("serving");
  await untilStill(() => readMemory(pid).private, "the child's memory");
  client.resume();
  const { text } = await client.readToEnd();
  const all = Array.from({ length: lines }, (_, i) => `${i + 1}`.padEnd(99) + "\n").join("");
  expect(text === all).toBe(true);
});

test("a client may take its last reply as slowly as it likes, as long as it takes some", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  const size = 100e6;
  client.pause();
  await client.send(`heap ${size / 1e6}\n`);
  let seen = 0;
  // In total this is longer than a client may take nothing (10 s), which is what this tests.
  for (let step = 1; step <= 7; step += 1) {
    client.resume();
    await until(() => client.received.length > seen, "more comes");
    client.pause();
    seen = client.received.length;
    const at = performance.now();
    await until(() => performance.now() - at > 1800, "some time has passed");
  }
  client.resume();
  const { text, end } = await client.readToEnd();
  expect({ length: text.length, end }).toEqual({ length: size, end: "clean" });
});

test("for a client that does not read the service waits, and so do its next lines", async () => {
  const server = await sharedServer({ service: TRICKS });
  await using client = await greeted(server);
  const { pid } = await server.event("serving");
  client.pause();
  await client.send("pour 100\n" + "say after\n".repeat(10_000));
  const memory = await untilStill(() => readMemory(pid).private, "the child's memory");
  expect(memory).toBeLessThan(60e6);
  client.resume();
  let poured = 0;
  for (; poured < 100; poured += 1) expect((await client.readUntil("\n")).length).toBe(1e6);
  for (let i = 0; i < 10_000; i += 1) expect(await client.readUntil("\n")).toBe("after\n");
});

test("a service of bytes gets every byte, even telnet's", async () => {
  await using server = await startServerWithoutPage({ service: BYTES });
  await using client = await connect(server.port);
  const all = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");
  const turned = Array.from(all).reverse().join("");
  await client.send(all.repeat(1000));
  expect((await client.read(256_000)) === turned.repeat(1000)).toBe(true);
  client.halfClose();
  expect((await client.readToEnd()).end).toBe("clean");
});

test("the page shows the service by its path", async () => {
  await using server = await startServer({ service: TRICKS });
  const master = (await (await fetch(`${server.url}api/master`)).json()) as { service: string };
  expect(master.service).toBe(TRICKS);
  await using client = await greeted(server);
  await client.send("wait 1\n");
  await client.readUntil("\n");
  await until(
    async () => (await (await fetch(server.url)).text()).includes(">Running</a>"),
    "the table has a column for what a child runs",
  );
});
