/** Hostile HTTP, byte by byte: the page and the clients are unharmed, and no resources leak. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Client, connect } from "../../harness/connect.ts";
import { descriptors, readMemory, untilNoneLeftOpen } from "../../harness/processes.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until, untilStill } from "../../harness/until.ts";
import { growTree } from "../../shared/live-tree.ts";
import { openEvents } from "../events.ts";
import { type ServedClient, connectServed } from "../../harness/served-client.ts";
import { select } from "../markup.ts";
import { request, urlOf } from "../request.ts";

const MAX_STREAMS = 100;

type Attack = (server: Server, served: ServedClient) => Promise<void>;

/** How much the server's memory may grow during an attack. */
const MAX_GROWTH_BYTES = 48e6;

const HOST = "Host: localhost\r\n";
const FORM = "Content-Type: application/x-www-form-urlencoded\r\n";
const CLOSE = "Connection: close\r\n";

function connectToPage(server: Server): Promise<Client> {
  return connect(Number(urlOf(server, "/").port));
}

/** Sends bytes and returns everything that comes back until the connection closes. */
async function exchange(server: Server, bytes: string): Promise<string> {
  await using client = await connectToPage(server);
  client.sendSome(bytes); // the server need not read all of a request that it refuses
  return (await client.readToEnd()).text;
}

/** Returns the statuses of all responses. */
function statuses(text: string): number[] {
  return Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));
}

/**
 * Returns a function that expects the server and its client to be as they are now:
 * unharmed, and nothing left open.
 */
async function recordState(server: Server, served: ServedClient): Promise<() => Promise<void>> {
  // Descriptors that the server opens once and keeps are open after the first requests.
  await request(server, "/");
  await request(server, "/api/history"); // starts the history's worker
  await exchange(server, "?");
  await untilStill(() => descriptors(server.pid).join(), "what is opened and closed");
  const open = descriptors(server.pid);
  const memory = readMemory(server.pid).private;
  return async () => {
    expect((await request(server, "/")).status).toBe(200);
    await served.askTime();
    await using another = await connectServed(server);
    await another.quit();
    await untilNoneLeftOpen(server.pid, open);
    expect(readMemory(server.pid).private - memory).toBeLessThan(MAX_GROWTH_BYTES);
    expect(server.events("signal sent")).toEqual([]);
    expect(server.stderr).toBe("");
  };
}

/** Runs an attack on a server with a client; afterwards both must be unharmed. */
async function attacked(attack: Attack): Promise<void> {
  await using server = await startServer();
  await using served = await connectServed(server);
  const expectUnharmed = await recordState(server, served);
  await attack(server, served);
  await expectUnharmed();
}

/** The same for an attack that takes a moment: on one server after another such attack. */
const attackedInTurn = onOneServer();

function onOneServer(): (attack: Attack) => Promise<void> {
  let server: Server;
  let served: ServedClient;
  let expectUnharmed: () => Promise<void>;

  beforeAll(async () => {
    server = await startServer();
    served = await connectServed(server);
    expectUnharmed = await recordState(server, served);
  });
  afterAll(async () => {
    served.client.close();
    expect(await server.stop()).toBe(0);
  });
  return async (attack) => {
    await attack(server, served);
    await expectUnharmed();
  };
}

describe("an invalid request is refused and the connection closed", () => {
  const post = `POST /children/x/kill HTTP/1.1\r\n${HOST}${FORM}`;
  const get = `GET /healthz HTTP/1.1\r\n${HOST}`;
  for (const [what, bytes, status] of [
    ["garbage", "\0\x01\x02 \xff garbage\r\n\r\n", 400],
    ["a TLS hello", `\x16\x03\x01\0\xc8\x01\0\0\xc4\x03\x03${"\x5a".repeat(200)}`, 400],
    ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", 400],
    ["HTTP/0.9", "GET /healthz\r\n", 505],
    ["no host", "GET /healthz HTTP/1.1\r\n\r\n", 400],
    ["a header of 100 kB", `${get}X: ${"x".repeat(100_000)}\r\n\r\n`, 431],
    ["a thousand headers", `${get}${"X: x\r\n".repeat(1000)}\r\n`, 431],
    ["a URL of 100 kB", `GET /${"x".repeat(100_000)} HTTP/1.1\r\n${HOST}\r\n`, 431],
    ["a query of 100 kB", `GET /?filter=${"x".repeat(100_000)} HTTP/1.1\r\n${HOST}\r\n`, 431],
    ["a NUL in a header", `${get}X: a\0b\r\n\r\n`, 400],
    ["a header that is folded", `${get}X: a\r\n b\r\n\r\n`, 400],
    ["a space before a colon", `${get}Content-Length : 5\r\n\r\nabcde`, 400],
    ["a target without a slash", `GET healthz HTTP/1.1\r\n${HOST}\r\n`, 400],
    [
      "a length and chunks",
      `${post}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    [
      "chunks and a length",
      `${post}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n`,
      400,
    ],
    [
      "two encodings",
      `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ["an encoding that is not", `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 400],
    ["two lengths", `${post}Content-Length: 5\r\nContent-Length: 0\r\n\r\n`, 400],
    ["a length below zero", `${post}Content-Length: -1\r\n\r\n`, 400],
    ["a length with a sign", `${post}Content-Length: +5\r\n\r\n`, 400],
    ["a length beyond all", `${post}Content-Length: 99999999999999999999\r\n\r\n`, 400],
    ["a length of a gigabyte", `${post}Content-Length: 1000000000\r\n\r\n`, 413],
    ["a chunk beyond all", `${post}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx`, 400],
  ] as const) {
    test(what, () =>
      attackedInTurn(async (server, { id }) => {
        // A server that takes the rest for another request has been tricked.
        const smuggled = `DELETE /api/children/${id} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`;
        expect(statuses(await exchange(server, bytes + smuggled))).toEqual([status]);
      }),
    );
  }
});

test("headers cannot turn a request into another one", () =>
  attackedInTurn(async (server, { id }) => {
    const kill = `/api/children/${id}`;
    for (const [line, headers, wanted] of [
      [`POST ${kill}`, "X-HTTP-Method-Override: DELETE\r\n", 404],
      [`POST ${kill}?_method=DELETE`, "X-Method-Override: DELETE\r\n", 404],
      ["GET /", `X-Original-URL: ${kill}\r\nX-Rewrite-URL: ${kill}\r\n`, 200],
      ["GET /healthz", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n", 200],
      [
        "GET /",
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YQ==\r\n",
        200,
      ],
      ["TRACE /", "", 404],
      ["CONNECT evil.example:80", "", 404],
      ["GET /healthz", "Host: evil.example\r\n", 403],
      [`DELETE http://localhost${kill}`, "Host: evil.example\r\n", 403],
      ["GET /assets/../../package.json", "", 404],
      ["GET /assets/..%2f..%2fpackage.json", "", 404],
      ["GET /assets/page.js%00.css", "", 404],
      ["GET /assets/\xff\xfe%zz", "", 404],
      ["GET //evil.example/healthz", "", 404],
      ["GET /?filter=%zz%ff%00", "", 200],
    ] as const) {
      const response = await exchange(server, `${line} HTTP/1.1\r\n${HOST}${headers}${CLOSE}\r\n`);
      expect([line, ...statuses(response)]).toEqual([line, wanted]);
    }
  }));

test("nothing in the query becomes a header", () =>
  attackedInTurn(async (server) => {
    const query = "filter=%0d%0aX-Evil:%20yes%0d%0a%0d%0a<script>";
    const response = await exchange(server, `GET /?${query} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`);
    expect(statuses(response)).toEqual([200]);
    expect(response).not.toMatch(/^X-Evil/im);
    expect(response).not.toContain("<script>");
  }));

test("pipelined requests are answered in order, up to the first invalid one", () =>
  attackedInTurn(async (server) => {
    const [alive, missing] = ["/healthz", "/no"].map(
      (path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`,
    );
    const response = await exchange(
      server,
      `${alive}${missing}`.repeat(50) + `junk\r\n\r\n${alive}`,
    );
    expect(statuses(response)).toEqual([...Array(50).fill([200, 404]).flat(), 400]);
  }));

test("an endless body is refused as soon as it is too long, and the connection closed", () =>
  attacked(async (server) => {
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    for (const [path, status] of [
      ["/children/x/kill", 413],
      ["/nothing", 413],
    ] as const) {
      await using client = await connectToPage(server);
      await client.send(
        `POST ${path} HTTP/1.1\r\n${HOST}${FORM}Transfer-Encoding: chunked\r\n\r\n`,
      );
      for (let i = 0; i < 500; i += 1) await client.send(chunk);
      expect(statuses(await client.readUntil("\r\n"))).toEqual([status]);
    }
  }));

test("bodies that break off write nothing to stderr", () =>
  attackedInTurn(async (server) => {
    for (const framing of [
      "Content-Length: 1000\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n3e8\r\n",
    ]) {
      for (let i = 0; i < 20; i += 1) {
        await using client = await connectToPage(server);
        await client.send(
          `POST /children/x/kill HTTP/1.1\r\n${HOST}${FORM}Expect: 100-continue\r\n${framing}`,
        );
        // The server has read the headers and is waiting for the body.
        await client.readUntil("100 Continue\r\n\r\n");
        await client.send("signal=TERM");
        client.reset();
      }
    }
  }));

test("500 requests that arrive byte by byte delay nobody, and are closed", () =>
  attacked(async (server, served) => {
    await using stack = new AsyncDisposableStack();
    const slow: Client[] = [];
    const before = descriptors(server.pid).length;
    for (let i = 0; i < 500; i += 1) {
      const client = stack.use(await connectToPage(server));
      const head =
        i % 2 === 0
          ? `GET / HTTP/1.1\r\n${HOST}X: `
          : `POST / HTTP/1.1\r\n${HOST}Content-Length: 999\r\n\r\n`;
      await client.send(head);
      slow.push(client);
    }
    await until(() => descriptors(server.pid).length >= before + 500, "all are connected");
    let turn = 0;
    await until(
      async () => {
        slow[turn++ % slow.length]?.sendSome("a");
        if (turn % 100 === 0) {
          await served.askTime();
          expect((await request(server, "/healthz")).status).toBe(200);
        }
        return descriptors(server.pid).length <= before;
      },
      () => `all have been ended; ${descriptors(server.pid).length - before} are open`,
    );
  }));

test("of 1,000 simultaneous streams 100 are served, and closing them makes room", () =>
  attacked(async (server) => {
    const ask = `GET /events HTTP/1.1\r\n${HOST}\r\n`;
    {
      await using stack = new AsyncDisposableStack();
      const streams: Client[] = [];
      for (let i = 0; i < 1000; i += 1) {
        const client = stack.use(await connectToPage(server));
        await client.send(ask);
        streams.push(client);
      }
      const received: number[] = [];
      for (const stream of streams) received.push(...statuses(await stream.readUntil("\r\n")));
      const counts = Map.groupBy(received, (status) => status);
      expect(counts.get(200)).toHaveLength(MAX_STREAMS);
      expect(counts.get(503)).toHaveLength(1000 - MAX_STREAMS);
      expect((await request(server, "/")).status).toBe(200);
    }
    for (let i = 0; i < 300; i += 1) {
      const client = await connectToPage(server);
      await client.send(ask);
      client.reset();
    }
    await using stack = new AsyncDisposableStack();
    let openStreams = 0;
    await until(
      async () => {
        const client = stack.use(await connectToPage(server));
        await client.send(ask);
        if (statuses(await client.readUntil("\r\n"))[0] === 200) openStreams += 1;
        return openStreams === MAX_STREAMS;
      },
      () => `all places are free; ${openStreams} are`,
    );
  }));

test("the name of a process is shown as text, in the host's tree too", async () => {
  await using server = await startServer();
  const names = ["<b>x</b>", `"><img src=x>`, "\x1b[2J\r\n\x07\x9b", "\xe2\x80\xae&lt;\xff"];
  await using _tree = await growTree({ name: "<i>", children: names.map((name) => ({ name })) });
  await using stream = await openEvents(server, { query: "?scope=host" });
  const { text: page } = await request(server, "/?scope=host");
  const { text: tree, headers } = await request(server, "/pstree?scope=host");
  expect(headers.get("content-type")).toStartWith("text/plain");
  const { data } = await stream.next("tree");
  for (const html of [page, data]) {
    expect(select(html, "b, i, img")).toEqual([]);
    const shown = select(html, "code")
      .map(({ text }) => text)
      .join("\n");
    for (const text of ["<i>-", "<b>x</b>", `"><img src=x>`, "\\033[2J\\015\\012\\007\\233"]) {
      expect(shown).toContain(text);
    }
  }
  for (const text of [page, data, tree]) expect(text).not.toMatch(/[^\P{C}\n]/u);
});
