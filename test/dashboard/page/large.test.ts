/**
 * Hundreds of children come and go: what a page is sent depends on what it shows,
 * not on how many there are.
 */
import { expect, test } from "bun:test";
import { type Client, connect } from "../../harness/connect.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { sized } from "../../harness/sized.ts";
import { until } from "../../harness/until.ts";
import { type EventStream, type Message, openEvents } from "../events.ts";
import { select } from "../markup.ts";
import { request } from "../request.ts";

/** At least twice as many as a page shows. */
const CHILDREN = sized(200, 2000);

/** Clients that connect or leave at the same time. */
const BATCH_SIZE = 25;

/** The maximum length of a message: one page of rows, and as many that have ended. */
const MAX_MESSAGE_BYTES = 300_000;

/** The maximum length of a tree in which no group is expanded. */
const MAX_TREE_BYTES = 4000;

/** Rows or lines that a page shows at a time. */
const PAGE_SIZE = 100;

async function crowd(server: Server, count: number): Promise<Client[]> {
  const clients: Client[] = [];
  while (clients.length < count) {
    const connecting = Array.from({ length: BATCH_SIZE }, () => connect(server.port));
    clients.push(...(await Promise.all(connecting)));
    await until(() => server.events("serving").length >= clients.length, "they are served");
  }
  return clients;
}

/** `count` of the oldest leave, and as many connect. */
async function churn(server: Server, clients: Client[], count: number): Promise<void> {
  const served = server.events("serving").length;
  const ended = server.events("ended").length;
  for (const client of clients.splice(0, count)) client.close();
  const connecting = Array.from({ length: count }, () => connect(server.port));
  clients.push(...(await Promise.all(connecting)));
  await until(() => server.events("serving").length === served + count, "they are served");
  await until(() => server.events("ended").length === ended + count, "the others have ended");
}

function of(stream: EventStream, event: string): Message[] {
  return stream.messages.filter((message) => message.event === event);
}

function lastTree(stream: EventStream): string {
  const data = of(stream, "tree").at(-1)?.data ?? "";
  return select(data, "code")
    .map(({ text }) => text)
    .join("\n");
}

test(`with ${CHILDREN} children coming and going, no message contains all of them`, async () => {
  await using server = await startServer({
    maxClients: CHILDREN + 100,
    maxPerSource: CHILDREN + 100,
  });
  const clients = await crowd(server, CHILDREN);
  const part = `${server.pid}.server`;
  await using stack = new AsyncDisposableStack();
  const open = async (query: string) => stack.use(await openEvents(server, { query }));
  const folded = await open("");
  const newest = await open("?dir=desc");
  const filtered = await open("?filter=serving&sort=idle");
  const opened = await open(`?open=${part}`);
  const apart = await open("?compact=0");
  const streams = [folded, newest, filtered, opened, apart];
  for (let rounds = 0; rounds < 4; rounds += 1) {
    const received = streams.map((stream) => of(stream, "tree").length);
    await churn(server, clients, BATCH_SIZE);
    await until(
      () => streams.every((stream, i) => of(stream, "tree").length > (received[i] ?? 0)),
      "each page has news of the tree",
    );
  }
  const grouped = [folded, newest, filtered];
  const listed = [opened, apart];
  for (const [some, ending] of [
    [grouped, `---server---${CHILDREN}*[server]`],
    [listed, `\`-${CHILDREN - PAGE_SIZE}*[server]`],
  ] as const) {
    await until(
      () => some.every((one) => lastTree(one).endsWith(ending)),
      "all trees have been sent",
    );
  }

  for (const stream of streams) {
    for (const { data } of stream.messages) expect(data.length).toBeLessThan(MAX_MESSAGE_BYTES);
    for (const { data } of of(stream, "rows")) {
      const [body] = select(data, "tbody");
      expect(body?.attributes["data-order"]?.split(" ").length).toBeLessThanOrEqual(PAGE_SIZE);
      expect(select(data, "tr:not([data-state=ended])").length).toBeLessThanOrEqual(PAGE_SIZE);
    }
  }
  for (const stream of grouped) {
    for (const { data } of of(stream, "tree")) {
      expect(data.length).toBeLessThan(MAX_TREE_BYTES);
      expect(select(data, "[data-rows]")).toEqual([]);
    }
  }
  for (const stream of listed) {
    const lines = lastTree(stream).split("\n");
    expect(lines).toHaveLength(PAGE_SIZE + 1);
    expect(lines[0]).toEndWith("---server-+-server");
  }
  // Programs get the whole list.
  const { text } = await request(server, "/pstree?compact=0");
  expect(text.split("\n")).toHaveLength(CHILDREN + 1);
  for (const client of clients) client.close();
});
