/** The log as a stream: each entry as JSON, resumable, bounded, and optionally of one session. */
import { expect, test } from "bun:test";
import { logStreamApi } from "../../../dashboard/http/log-stream.ts";
import type { LogEntry } from "../../../shared/log.ts";
import type { Master } from "../../../shared/master.ts";
import { connect } from "../../harness/connect.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until, untilStill } from "../../harness/until.ts";
import { type EventStream, type Message, openEvents } from "../events.ts";
import { connectServed } from "../../harness/served-client.ts";
import { request, urlOf } from "../request.ts";

const path = "api/events";

const MAX_STREAMS = 50;

/** Messages that an EventSource dispatches: those with data. */
function messagesOf(stream: EventStream): Message[] {
  return stream.messages.filter(({ data }) => data !== "");
}

function logOf(stream: EventStream): unknown[] {
  return messagesOf(stream).map(({ data }) => JSON.parse(data) as unknown);
}

/** The last event ID of a stream. */
function placeOf(stream: EventStream): string {
  return stream.messages.findLast(({ id }) => id !== null)?.id ?? "";
}

async function untilReceived(stream: EventStream, count: number): Promise<void> {
  const state = () => `${count} messages arrive: ${JSON.stringify(messagesOf(stream))}`;
  await until(() => messagesOf(stream).length >= count, state);
}

test("it starts with new entries, as lines of --log json", async () => {
  await using server = await startServer();
  const before = server.log.length;
  await using stream = await openEvents(server, { path });
  expect(stream.status).toBe(200);
  expect(stream.headers.get("content-type")).toStartWith("text/event-stream");
  await until(() => placeOf(stream) !== "", "its event ID arrives");
  await using served = await connectServed(server);
  await served.askTime();
  await served.quit();
  await server.event("ended");
  const lines = server.log.slice(before);
  await untilReceived(stream, lines.length);
  expect(logOf(stream)).toEqual([...lines]);
  const [instance] = served.id.split("-");
  for (const [at, { id, event }] of messagesOf(stream).entries()) {
    expect([id, event]).toEqual([`${instance}:${before + at + 1}`, String(lines[at]?.event)]);
  }
});

test("after a break it continues where it ended, and an ID of another server gets the whole log", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  let place = "";
  {
    await using stream = await openEvents(server, { path });
    await served.askTime(2);
    await untilReceived(stream, 2);
    place = placeOf(stream);
  }
  const at = Number(place.split(":")[1]);
  await served.quit();
  await server.event("ended");
  await using again = await openEvents(server, { path, lastEventId: place });
  await untilReceived(again, server.log.length - at);
  expect(logOf(again)).toEqual(server.log.slice(at));
  for (const lastEventId of ["zzzzzzzz:5", "0", "", ":", place.replace(":", ":x")]) {
    await using stream = await openEvents(server, { path, lastEventId });
    await untilReceived(stream, server.log.length);
    expect(logOf(stream)).toEqual([...server.log]);
  }
});

test("it can be limited to one session", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await using other = await connectServed(server);
  await using stream = await openEvents(server, {
    path,
    query: `?session=${served.id}`,
    lastEventId: "0",
  });
  await other.askTime();
  await served.askTime();
  await served.quit();
  await server.event("ended");
  const own = server.log.filter((entry) => "id" in entry && entry.id === served.id);
  await untilReceived(stream, own.length);
  expect(logOf(stream)).toEqual(own);

  // A session that has ended has its entries; one that never existed is 404.
  await using late = await openEvents(server, {
    path,
    query: `?session=${served.id}`,
    lastEventId: "0",
  });
  await untilReceived(late, own.length);
  expect(logOf(late)).toEqual(own);
  const unknown = await request(server, `${path}?session=zzzzzzzz-1`);
  expect([unknown.status, JSON.parse(unknown.text)]).toEqual([404, { error: "no such child" }]);
});

test("nothing that a client sends breaks out of its message", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await using stream = await openEvents(server, { path });
  await served.client.send("x\rdata: {}\r\revent: ended\u2028\n");
  await stream.next("request");
  const [message] = messagesOf(stream);
  expect(JSON.parse(message?.data ?? "")).toMatchObject({ event: "request", id: served.id });
  expect(messagesOf(stream).map(({ event }) => event)).not.toContain("ended");
});

test("HEAD is refused, and so is one reader too many, until another disconnects", async () => {
  await using server = await startServer();
  for (let i = 0; i <= MAX_STREAMS; i += 1) {
    const { status, headers } = await request(server, path, { method: "HEAD" });
    expect([status, headers.get("allow")]).toEqual([405, "GET"]);
  }
  {
    await using stack = new AsyncDisposableStack();
    for (let i = 0; i < MAX_STREAMS; i += 1) {
      const stream = stack.use(await openEvents(server, { path }));
      expect(stream.status).toBe(200);
    }
    const refused = await request(server, path);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    // Pages have a limit of their own.
    await using page = await openEvents(server);
    expect(page.status).toBe(200);
  }
  await until(async () => {
    await using stream = await openEvents(server, { path });
    return stream.status === 200;
  }, "there is room again");
});

test("a reader that reads nothing delays neither the others nor the server's shutdown", async () => {
  await using server = await startServer();
  await using deaf = await connect(Number(urlOf(server, "/").port));
  deaf.pause();
  await deaf.send(`GET /${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await using stream = await openEvents(server, { path });
  await using served = await connectServed(server);
  await served.askTime(5);
  await stream.next("request");
  expect(await server.stop()).toBe(0);
});

/** The stream of a log that the test writes, over real HTTP. */
function serveLog() {
  const kept: LogEntry[] = [];
  let seq = 0;
  let made = 0;
  let tell: (entry: LogEntry) => void = () => {};
  const master = {
    instance: "aaaaaaaa",
    find: () => "unknown",
    log: () => kept,
    follow(listener: (entry: LogEntry) => void) {
      tell = listener;
      return () => {};
    },
  };
  const app = logStreamApi(master as unknown as Master);
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch });
  return {
    server: { url: `${server.url}` } as Pick<Server, "url">,
    /** How many entries were formatted. */
    get made() {
      return made;
    },
    write(count: number, padding = ""): void {
      for (let i = 0; i < count; i += 1) {
        seq += 1;
        const message = `${seq}${padding}`;
        const event = {
          event: "warning" as const,
          get message() {
            made += 1;
            return message;
          },
        };
        const entry = { seq, at: 0, event };
        kept.push(entry);
        if (kept.length > 500) kept.shift();
        tell(entry);
      }
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

test("a reader that is too slow, or returns too late, learns how many entries it missed", async () => {
  await using log = serveLog();
  await using stream = await openEvents(log.server, { path });
  await until(() => placeOf(stream) === "aaaaaaaa:0", "its event ID arrives");
  log.write(5000);
  await untilReceived(stream, 1001);
  expect(messagesOf(stream)[999]?.data).toContain('"message":"1000"');
  expect(messagesOf(stream)[1000]).toEqual({
    event: "missed",
    id: "aaaaaaaa:5000",
    data: '{"event":"missed","count":4000}',
  });
  log.write(1);
  await untilReceived(stream, 1002);
  expect(messagesOf(stream)[1001]?.id).toBe("aaaaaaaa:5001");

  await using late = await openEvents(log.server, { path, lastEventId: "aaaaaaaa:4000" });
  await untilReceived(late, 501);
  expect(messagesOf(late)[0]?.data).toBe('{"event":"missed","count":501}');
  expect(messagesOf(late)[1]?.id).toBe("aaaaaaaa:4502");
  expect(messagesOf(late)).toHaveLength(501);
});

test("for a reader that reads nothing, no more is formatted than its connection buffers", async () => {
  await using log = serveLog();
  await using deaf = await connect(Number(new URL(log.server.url).port));
  await deaf.send(`GET /${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await deaf.readUntil("aaaaaaaa:0\n\n");
  deaf.pause();
  const padding = "x".repeat(5000);
  await untilStill(() => {
    log.write(200, padding);
    return log.made;
  }, "formatting stops");
  const made = log.made;
  log.write(5000, padding);
  await using other = await openEvents(log.server, { path, query: "?session=" });
  expect([other.status, log.made]).toEqual([404, made]);
  deaf.resume();
  await until(() => deaf.received.includes("event: missed"), "it learns that it missed some");
});
