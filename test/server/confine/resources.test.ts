import { expect, test } from "bun:test";
import { type Client, connect } from "../../harness/connect.ts";
import {
  freeze,
  listFamily,
  pstree,
  settledDescriptors,
  untilNoneLeftOpen,
} from "../../harness/processes.ts";
import { type Server, startServer, startServerWithoutPage } from "../../harness/server.ts";
import { sized } from "../../harness/sized.ts";
import { until } from "../../harness/until.ts";

const CLIENTS = sized(120, 2000);
const AT_A_TIME = 16;

const TIME = /^[\d/]{10} [\d:]{8}$/;

/** One client connects and quits; resolves when its session has ended. */
async function quit(server: Server): Promise<void> {
  const before = server.events("ended").length;
  await using client = await connect(server.port);
  await client.send("quit\n");
  expect(await client.readToEnd()).toEqual({ text: "quit\n", end: "clean" });
  await until(() => server.events("ended").length > before, "the session has ended");
}

test(`${CLIENTS.toLocaleString("en")} clients leave no zombie and no open descriptor in the master`, async () => {
  // On a busy machine children that are exiting pile up, and count as live.
  await using server = await startServer({ maxPerSource: 1000 });
  await quit(server); // after the first client, whatever the master opens only once is open
  const before = await settledDescriptors(server.pid);

  let left = CLIENTS;
  async function lane(): Promise<void> {
    while (left > 0) {
      left -= 1;
      await visit((["quit", "quit", "leave", "reset"] as const)[left % 4] ?? "quit");
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));

  await until(() => server.events("ended").length === 1 + CLIENTS, "all sessions have ended");
  await untilNoneLeftOpen(server.pid, before);
  expect(await listFamily(server.pid)).toHaveLength(1);
  expect(await pstree(server.pid)).toBe("server\n");

  const ended = server.events("ended");
  const ids = ended.map(({ id }) => id);
  expect(new Set(ids).size).toBe(1 + CLIENTS);
  expect(new Set(server.events("accepted").map(({ id }) => id))).toEqual(new Set(ids));
  expect(Object.fromEntries(countBy(ended, ({ reason }) => reason))).toEqual({
    quit: 1 + CLIENTS / 2,
    "client left": CLIENTS / 4,
    "client reset": CLIENTS / 4,
  });
  const requests = ended.map((event) => event.requests).reduce((a, b) => a + b, 0);
  expect(requests).toBe(1 + CLIENTS + CLIENTS / 2);
  expect(server.events("refused")).toBeEmpty();
  expect(server.events("warning")).toBeEmpty();
  await server.stop();
  expect(await server.event("stopped")).toMatchObject({ accepted: 1 + CLIENTS, refused: 0 });

  async function visit(end: "quit" | "leave" | "reset"): Promise<void> {
    await using client = await connect(server.port);
    await client.send("time\n");
    expect((await client.readUntil("\n")).trimEnd()).toMatch(TIME);
    if (end === "reset") return client.reset();
    if (end === "leave") client.halfClose();
    else await client.send("quit\r\n");
    const text = end === "leave" ? "" : "quit\r\n";
    expect(await client.readToEnd()).toEqual({ text, end: "clean" });
  }
});

test("clients that have gone before they are accepted are no sessions, and leave nothing behind", async () => {
  await using server = await startServer({ maxPerSource: 1000 });
  await quit(server);
  const before = await settledDescriptors(server.pid);
  // While it is stopped, the master cannot accept them before they have gone.
  await freeze(server.pid);
  for (let i = 0; i < 100; i += 1) (await connect(server.port)).reset();
  server.signal("SIGCONT");
  await quit(server);
  await untilNoneLeftOpen(server.pid, before);
  expect(server.events("accepted")).toHaveLength(2);
});

test("the master handles messages of children and reaps them while it accepts", async () => {
  await using server = await startServerWithoutPage();
  const clients: Client[] = [];
  await freeze(server.pid);
  for (let count = 0; count < 100; count += 1) {
    const client = await connect(server.port);
    await client.send("time");
    client.halfClose();
    clients.push(client);
  }
  server.signal("SIGCONT");
  for (const client of clients) {
    expect(await client.readToEnd()).toEqual({ text: expect.stringMatching(TIME), end: "clean" });
  }
  await until(() => server.events("ended").length === clients.length, "all sessions have ended");
  const names = server.log.map(({ event }) => event);
  expect(names.indexOf("ended")).toBeLessThan(names.lastIndexOf("accepted"));
});

test("the session IDs of a later master differ from those of an earlier one", async () => {
  const ids = new Set<string>();
  for (let master = 0; master < 2; master += 1) {
    await using server = await startServerWithoutPage();
    await quit(server);
    await quit(server);
    for (const { id } of server.events("ended")) ids.add(id);
  }
  expect(ids.size).toBe(4);
});

function countBy<T>(all: readonly T[], key: (one: T) => string): Map<string, number> {
  const groups = Map.groupBy(all, key);
  return new Map(Array.from(groups, ([name, group]) => [name, group.length]));
}
