/**
 * `--refuse wait`: clients for which there is no room wait for it, in the order in which they came.
 */
import { expect, test } from "bun:test";
import { type Client, connect, type Way } from "../../harness/connect.ts";
import { descriptors, settledDescriptors } from "../../harness/processes.ts";
import { type Server, startServer, startServerWithoutPage } from "../../harness/server.ts";
import { readStatus } from "../../harness/status.ts";
import { until, untilEqual, untilLess } from "../../harness/until.ts";
import { expectServed } from "../child/served.ts";

/** Connects, and returns once the master counts this many waiting clients. */
async function connectAndWait(server: Server, waiting: number, way: Way = {}): Promise<Client> {
  const client = await connect(server.port, way);
  await untilEqual(async () => (await readStatus(server)).waiting, waiting);
  return client;
}

/** The ports of the accepted clients, in their order. */
function acceptedPorts(server: Server): number[] {
  return server.events("accepted").map(({ remotePort }) => remotePort);
}

test("waiting clients are served in order of arrival, each as soon as another leaves", async () => {
  await using server = await startServer({ maxClients: 1, refuse: "wait:1h" });
  await using stack = new AsyncDisposableStack();
  const clients = [stack.use(await connect(server.port))];
  await expectServed(clients[0] as Client);
  for (let count = 1; count <= 10; count += 1) {
    const client = stack.use(await connectAndWait(server, count));
    await client.send("time\n"); // read once it has a child
    clients.push(client);
  }
  for (const [i, client] of clients.entries()) {
    if (i > 0) expect(await client.readUntil("\n")).toMatch(/^[\d/]{10} [\d:]{8}\n$/);
    expect(await readStatus(server)).toMatchObject({ live: 1, waiting: 10 - i, refused: 0 });
    await client.send("quit\n");
    await client.readToEnd();
  }
  await untilEqual(
    () => acceptedPorts(server),
    clients.map(({ port }) => port),
  );
});

test("a new client does not overtake those that wait for the same rate", async () => {
  await using server = await startServer({ rate: "20/s", refuse: "wait:1h" });
  await using stack = new AsyncDisposableStack();
  const ports: number[] = [];
  // One by one, at any time between two retries of the queue.
  while (ports.length < 60) {
    const client = stack.use(await connect(server.port));
    ports.push(client.port);
    await readStatus(server);
  }
  await until(() => acceptedPorts(server).length === ports.length, "all were accepted");
  expect(acceptedPorts(server)).toEqual(ports);
});

test("a source at its cap does not hold up other sources in the queue", async () => {
  await using server = await startServer({ maxPerSource: 1, maxClients: 2, refuse: "wait:1h" });
  await using one = await connect(server.port, { from: "127.0.0.1" });
  await expectServed(one);
  await using capped = await connectAndWait(server, 1, { from: "127.0.0.1" });
  await using other = await connect(server.port, { from: "127.0.0.2" });
  await expectServed(other);
  await using third = await connectAndWait(server, 2, { from: "127.0.0.3" });
  await other.send("quit\n");
  await other.readToEnd();
  await expectServed(third);
  expect(await readStatus(server)).toMatchObject({ waiting: 1, live: 2 });
  await one.send("quit\n");
  await one.readToEnd();
  await expectServed(capped);
});

test("a client that waits in vain is told why once its time is up", async () => {
  await using server = await startServerWithoutPage({ maxClients: 1, refuse: "wait:300ms" });
  await using first = await connect(server.port);
  await expectServed(first);
  for (const from of ["127.0.0.1", "127.0.0.2"]) {
    await using late = await connect(server.port, { from });
    await late.send("time\n");
    expect(await late.readToEnd()).toEqual({ text: "too many clients\r\n", end: "clean" });
  }
  await untilEqual(() => server.events("refused").map(({ reason }) => reason), [
    "too many clients",
    "too many clients",
  ] as never);
  await expectServed(first);
});

test("a client whose address is not allowed does not wait", async () => {
  await using server = await startServerWithoutPage({ deny: "127.0.0.2", refuse: "wait:1h" });
  await using denied = await connect(server.port, { from: "127.0.0.2" });
  expect(await denied.readToEnd()).toEqual({ text: "address not allowed\r\n", end: "clean" });
});

test("a client that resets while it waits is no session, and leaves its place to others", async () => {
  await using server = await startServer({ maxClients: 1, refuse: "wait:1h" });
  await using first = await connect(server.port);
  await expectServed(first);
  await using patient = await connectAndWait(server, 1);
  const before = (await settledDescriptors(server.pid)).length;
  let refused = 0;
  // More than may linger at the same time.
  for (let round = 0; round < 5; round += 1) {
    const impatient = await Promise.all(Array.from({ length: 60 }, () => connect(server.port)));
    await untilEqual(async () => (await readStatus(server)).waiting, 61);
    for (const client of impatient) client.reset();
    refused += impatient.length;
    await untilEqual(async () => (await readStatus(server)).waiting, 1);
  }
  expect(await readStatus(server)).toMatchObject({ accepted: 1, refused });
  await untilLess(() => descriptors(server.pid).length, before + 1);

  // Refused clients are still read to their end, so that none loses its line.
  await first.send("quit\n");
  await first.readToEnd();
  await expectServed(patient);
  await using talkative = await connectAndWait(server, 1);
  await talkative.send("x".repeat(100_000));
  server.signal("SIGTERM");
  expect((await talkative.readToEnd()).text).toBe("server is stopping\r\n");
  await patient.readToEnd();
  expect(await server.exited()).toBe(0);
  expect(server.events("accepted")).toHaveLength(2);
});

test("after hundreds that reset while they waited, refused clients still get their line", async () => {
  await using server = await startServer({ maxClients: 1, refuse: "wait:3s" });
  await using first = await connect(server.port);
  await expectServed(first);
  for (let round = 0; round < 4; round += 1) {
    const impatient = await Promise.all(Array.from({ length: 60 }, () => connect(server.port)));
    await until(async () => (await readStatus(server)).waiting > 50, "they wait");
    for (const client of impatient) client.reset();
    await untilEqual(async () => (await readStatus(server)).waiting, 0);
  }
  await using talkative = await connect(server.port);
  await talkative.send("x".repeat(100_000));
  expect(await talkative.readToEnd()).toEqual({ text: "too many clients\r\n", end: "clean" });
});

test("when the server stops, waiting clients are told so", async () => {
  await using server = await startServer({ maxClients: 1, refuse: "wait:1h" });
  await using first = await connect(server.port);
  await expectServed(first);
  await using stack = new AsyncDisposableStack();
  const waiting: Client[] = [];
  while (waiting.length < 5)
    waiting.push(stack.use(await connectAndWait(server, waiting.length + 1)));
  server.signal("SIGTERM");
  for (const client of waiting) {
    expect(await client.readToEnd()).toEqual({ text: "server is stopping\r\n", end: "clean" });
  }
  expect(await first.readToEnd()).toEqual({ text: "", end: "clean" });
  await server.stop();
  expect(await server.event("stopped")).toMatchObject({ received: 6, accepted: 1, refused: 5 });
});

test("no more than 1,000 wait; the next is refused immediately", async () => {
  await using server = await startServer({ maxClients: 1, maxPerSource: 5000, refuse: "wait:1h" });
  await using first = await connect(server.port);
  await expectServed(first);
  const before = (await settledDescriptors(server.pid)).length;
  const waiting: Client[] = [];
  while (waiting.length < 1000) {
    waiting.push(...(await Promise.all(Array.from({ length: 50 }, () => connect(server.port)))));
  }
  await untilEqual(async () => (await readStatus(server)).waiting, 1000);
  for (let i = 0; i < 3; i += 1) {
    await using late = await connect(server.port);
    expect(await late.readToEnd()).toEqual({ text: "too many clients\r\n", end: "clean" });
  }
  await expectServed(first);
  for (const client of waiting) client.reset();
  await untilEqual(async () => (await readStatus(server)).waiting, 0);
  expect(await readStatus(server)).toMatchObject({ received: 1004, accepted: 1, refused: 1003 });
  await untilLess(() => descriptors(server.pid).length, before + 1);
});
