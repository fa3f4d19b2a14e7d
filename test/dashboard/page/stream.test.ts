/**
 * The page's stream: what it sends, whom it refuses, and that closed streams leave nothing behind.
 */
import { expect, test } from "bun:test";
import { connect } from "../../harness/connect.ts";
import { startServer } from "../../harness/server.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { until } from "../../harness/until.ts";
import { type EventStream, openEvents } from "../events.ts";
import { connectServed, connectManyServed } from "../../harness/served-client.ts";
import { type Element, select } from "../markup.ts";
import { request, urlOf } from "../request.ts";

const sharedServer = shareServers();

const MAX_STREAMS = 100;

/** The numbers of the log entries that a stream has sent. */
function sentEntries(stream: EventStream): number[] {
  const logs = stream.messages.filter(({ event }) => event === "log");
  return logs.flatMap(({ data }) =>
    select(data, "li").map(({ attributes }) => Number(attributes["data-seq"])),
  );
}

/** The rows of a child that a stream has sent, oldest first. */
function sentRows(stream: EventStream, id: string): Element[] {
  const rows = stream.messages.filter(({ event }) => event === "rows");
  return rows.flatMap(({ data }) => select(data, `#row-${id}`));
}

/** The order of the rows that was sent last. */
function sentOrder(stream: EventStream): string | undefined {
  const last = stream.messages.findLast(({ event }) => event === "rows");
  return last === undefined ? undefined : select(last.data, "tbody")[0]?.attributes["data-order"];
}

function sentTree(stream: EventStream): string | undefined {
  const last = stream.messages.findLast(({ event }) => event === "tree");
  if (last === undefined) return undefined;
  return select(last.data, "code")
    .map(({ text }) => text)
    .join("\n");
}

test("the stream starts with everything, and then sends what changes", async () => {
  await using server = await startServer();
  await using first = await connectServed(server);
  await using stream = await openEvents(server);
  expect(stream.status).toBe(200);
  expect(stream.headers.get("content-type")).toStartWith("text/event-stream");
  expect(stream.headers.get("cache-control")).toContain("no-cache");

  expect((await stream.next("")).data).toContain(`PID ${server.pid}`);
  await until(() => sentOrder(stream) === first.id, "the first child has a row");
  await until(() => sentTree(stream)?.endsWith("---server---server"), "it is in the tree");

  await using second = await connectServed(server);
  await using third = await connectServed(server);
  const all = [first.id, second.id, third.id];
  await until(() => sentOrder(stream) === all.join(" "), "all three have rows");
  await until(() => sentTree(stream)?.endsWith("---server---3*[server]"), "all are in the tree");

  await second.askTime();
  await stream.next("rows", ({ data }) => /data-label="In"[^>]*>4 B</.test(data));
  await second.quit();
  await until(() => sentOrder(stream) === `${first.id} ${third.id}`, "the second row has gone");
  await until(() => sentTree(stream)?.endsWith("---server---2*[server]"), "the tree, too");
  await until(
    () => sentEntries(stream).length === server.log.length,
    "the whole log has been sent",
  );
  const wanted = server.log.map((_, index) => index + 1);
  expect(sentEntries(stream)).toEqual(wanted);
});

test("a message has only the rows that have changed", async () => {
  const server = await sharedServer();
  await using quiet = await connectServed(server);
  await using busy = await connectServed(server);
  await using stream = await openEvents(server);
  await until(() => sentRows(stream, quiet.id).length > 0, "the rows have been sent");
  const { data } = await until(async () => {
    await busy.askTime();
    return stream.messages.find(
      ({ event, data }) =>
        event === "rows" && data.includes(`row-${busy.id}`) && !data.includes(`row-${quiet.id}`),
    );
  }, "a message has only the busy child's row");
  expect(select(data, "tbody")[0]?.attributes["data-order"]).toBe(`${quiet.id} ${busy.id}`);
});

test("the end of each child is sent with its reason, on every stream", async () => {
  const server = await sharedServer();
  await using servedClients = await connectManyServed(server, 12);
  await using first = await openEvents(server);
  await using second = await openEvents(server);
  const streams = [first, second];
  for (const stream of streams) {
    await until(() => sentOrder(stream)?.split(" ").length === 12, "all rows have been sent");
  }
  for (const served of servedClients.all) {
    await served.quit();
    // Another request at the same moment must not make the streams miss it.
    await request(server, "/pstree");
  }
  for (const stream of streams) {
    await until(() => sentOrder(stream) === "", "all have left");
    for (const { id } of servedClients.all) {
      const last = sentRows(stream, id).at(-1);
      expect([id, last?.attributes["data-state"]]).toEqual([id, "ended"]);
      expect(last?.text).toEndWith("quit");
      expect(last?.text).not.toContain("Kill");
    }
  }
});

test("the view in the query decides what is sent: filter, order and tree", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using stream = await openEvents(server, { query: "?sort=since&dir=desc&pids=1" });
  await until(() => sentOrder(stream) === `${second.id} ${first.id}`, "the newest row is first");
  await until(() => sentTree(stream)?.includes(`server(${second.pid})`), "the tree has pids");
  await using filtered = await openEvents(server, { query: `?filter=${second.client.port}` });
  await until(() => sentOrder(filtered) === second.id, "only the matching row has been sent");
  expect(sentRows(filtered, first.id)).toEqual([]);
});

test("after a break the log resumes where it stopped, without gaps or repeats", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  let seen = "";
  {
    await using stream = await openEvents(server);
    await served.askTime(3);
    const told = await until(
      () => stream.messages.findLast(({ id, data }) => id !== null && data.includes("time")),
      "the log has been sent",
    );
    seen = told.id ?? "";
  }
  const [, number] = seen.split(":");
  const before = Number(number);
  expect(before).toBeGreaterThan(0);
  await served.askTime(2);
  await using resumed = await openEvents(server, { lastEventId: seen });
  await using _third = await connectServed(server);
  await until(() => server.events("serving").length === 2, "another child serves");
  await until(
    () => sentEntries(resumed).length === server.log.length - before,
    "the rest has been sent",
  );
  const rest = server.log.map((_, index) => index + 1).slice(before);
  expect(sentEntries(resumed)).toEqual(rest);
});

test("a position in another server's log, or an invalid one, gets the whole log", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await served.askTime();
  await server.event("request");
  const all = server.log.map((_, index) => index + 1);
  const [instance] = served.id.split("-");
  for (const lastEventId of ["zzzzzzzz:2", `${instance}:`, `${instance}:x`, ":", "2", "é"]) {
    await using stream = await openEvents(server, { lastEventId });
    await until(() => sentEntries(stream).length > 0, "the log has been sent");
    expect([lastEventId, ...sentEntries(stream)]).toEqual([lastEventId, ...all]);
  }
});

test("HEAD is refused and leaves no stream behind", async () => {
  const server = await sharedServer();
  for (let i = 0; i <= MAX_STREAMS; i += 1) {
    const { status, headers } = await request(server, "/events", { method: "HEAD" });
    expect(status).toBe(405);
    expect(headers.get("allow")).toBe("GET");
  }
  await using stream = await openEvents(server);
  expect(stream.status).toBe(200);
});

test("more than 100 streams are refused, and closing some makes room", async () => {
  await using server = await startServer();
  await using _guest = await connectServed(server);
  {
    await using stack = new AsyncDisposableStack();
    for (let i = 0; i < MAX_STREAMS; i += 1) {
      const stream = stack.use(await openEvents(server));
      expect(stream.status).toBe(200);
    }
    const refused = await request(server, "/events");
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(refused.text).toBe("Too many pages are open.\n");
    expect((await request(server, "/")).status).toBe(200);
  }
  await until(async () => {
    await using stream = await openEvents(server);
    return stream.status === 200;
  }, "there is room again");
  await using stack = new AsyncDisposableStack();
  await until(async () => {
    await using again = new AsyncDisposableStack();
    for (let i = 0; i < MAX_STREAMS; i += 1) {
      if (again.use(await openEvents(server)).status !== 200) return false;
    }
    stack.use(again.move());
    return true;
  }, "there is room for all again");
});

test("a viewer that reads nothing delays neither the others nor the server's shutdown", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await using deaf = await connect(Number(urlOf(server, "/").port));
  deaf.pause();
  await deaf.send("GET /events?scope=host&compact=0 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await using stream = await openEvents(server);
  await served.askTime(20);
  await until(
    () => sentRows(stream, served.id).at(-1)?.text.includes("380 B"),
    "the others have been sent",
  );
  expect(await server.stop()).toBe(0);
});
