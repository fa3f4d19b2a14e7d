/** The wire protocol, over real sockets. */
import { expect, test } from "bun:test";
import { type Client, connect } from "../../harness/connect.ts";
import { cpuTime, readMemory } from "../../harness/processes.ts";
import { run } from "../../harness/run.ts";
import { startServerWithoutPage } from "../../harness/server.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { sized } from "../../harness/sized.ts";
import { until, untilStill } from "../../harness/until.ts";

const sharedServer = shareServers(startServerWithoutPage);

const TIME = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/;

/** Returns the replies with each time in them replaced by TIME. */
function withoutTimes(replies: string): string {
  return replies.replaceAll(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, "TIME");
}

/** Sends the text and the end of the connection; returns all replies. */
async function converse(client: Client, text: string): Promise<string> {
  await client.send(text);
  client.halfClose();
  const { text: replies, end } = await client.readToEnd();
  expect(end).toBe("clean");
  return withoutTimes(replies);
}

test("the reply is the local time of this second", async () => {
  await using server = await startServerWithoutPage({}, { env: { TZ: "Asia/Seoul" } });
  await using client = await connect(server.port);
  const before = Math.floor(Date.now() / 1000);
  await client.send("time");
  const reply = await client.read(19);
  const after = Math.floor(Date.now() / 1000);
  expect(reply).toMatch(TIME);
  const replied = Date.parse(`${reply.replaceAll("/", "-").replace(" ", "T")}+09:00`) / 1000;
  expect(replied).toBeWithin(before, after + 1);
});

for (const [name, ending] of [
  ["bare", ""],
  ["\\n", "\n"],
  ["\\r\\n", "\r\n"],
] as const) {
  test(`a reply is framed as its request was: ${name}`, async () => {
    const server = await sharedServer();
    await using client = await connect(server.port);
    await client.send(`time${ending}`);
    expect(withoutTimes(await client.read(19 + ending.length))).toBe(`TIME${ending}`);
    await client.send(`quit${ending}`);
    expect(await client.readToEnd()).toEqual({ text: `quit${ending}`, end: "clean" });
    const ended = await server.event("ended");
    expect(ended).toMatchObject({
      reason: "quit",
      requests: 2,
      bytesIn: 8 + 2 * ending.length,
      bytesOut: 23 + 2 * ending.length,
    });
  });
}

test("a word that is typed is answered with its last letter, and its line ending when that comes", async () => {
  const server = await sharedServer();
  await using client = await connect(server.port);
  for (const key of "time") await client.send(key);
  expect(await client.read(19)).toMatch(TIME);
  for (const key of "\r\n") await client.send(key);
  expect(await client.read(2)).toBe("\r\n");
  for (const key of "hello\ntime\nquit\r\n") await client.send(key);
  const { text, end } = await client.readToEnd();
  expect(withoutTimes(text)).toBe("TIME\nquit\r\n");
  expect(end).toBe("clean");
});

for (const [sent, replies] of [
  ["timequit", "TIMEquit"],
  ["timetimetime", "TIMETIMETIME"],
  ["time\ntime\r\nquit", "TIME\nTIME\r\nquit"],
  ["time\r\ntime\ntimequit\n", "TIME\r\nTIME\nTIMEquit\n"],
  ["quit\r\ntime\r\n", "quit\r\n"],
  ["hello\r\ntime\r\nquit\r\n", "TIME\r\nquit\r\n"],
  ["TIME\nTime\n tim\nquit\n", "quit\n"],
  ["", ""],
  ["ti", ""],
  ["time\r", "TIME\r"],
] as const) {
  test(`${JSON.stringify(sent)} is answered ${JSON.stringify(replies)}`, async () => {
    const server = await sharedServer();
    await using client = await connect(server.port);
    expect(await converse(client, sent)).toBe(replies);
  });
}

test("telnet negotiation in the middle of words, split anywhere, changes no reply", async () => {
  const server = await sharedServer();
  await using client = await connect(server.port);
  const pieces = [
    "\xff\xfd\x03\xff\xfb\x18", // IAC DO SUPPRESS-GO-AHEAD, IAC WILL TERMINAL-TYPE
    "ti\xff", // IAC …
    "\xfb", // … WILL …
    "\x1fm\xff\xfa\x1f\0\x50\0", // … NAWS; IAC SB NAWS 80 …
    "\x18\xff\xff\xff", // … IAC IAC is the byte 255 …
    "\xf0e\r", // … IAC SE
    "\xff\xf1\n", // IAC NOP
    "qu\xff\xf4it\r\n", // IAC IP
  ];
  for (const piece of pieces) await client.send(piece);
  const { text, end } = await client.readToEnd();
  expect(withoutTimes(text)).toBe("TIME\r\nquit\r\n");
  expect(end).toBe("clean");
});

test("a timing mark is refused in order among the replies", async () => {
  const server = await sharedServer();
  await using client = await connect(server.port);
  const replies = await converse(client, "time\n\xff\xf4\xff\xfd\x06time\n");
  expect(replies).toBe("TIME\n\xff\xfc\x06TIME\n");
});

test("`printf time | nc -N` gets its reply", async () => {
  const server = await sharedServer();
  const nc = ["nc", "-N", "127.0.0.1", String(server.port)];
  const { stdout, exitCode } = await run(nc, { stdin: "time" });
  expect(withoutTimes(stdout)).toBe("TIME");
  expect(exitCode).toBe(0);
  expect(await server.event("ended")).toMatchObject({ reason: "client left", requests: 1 });
});

test("a line over the limit gets one error, and the next line is read as usual", async () => {
  const server = await sharedServer();
  await using client = await connect(server.port);
  await client.send("x".repeat(4096));
  await client.send("\ntime\n");
  expect(withoutTimes(await client.readUntil("\n"))).toBe("TIME\n");
  await client.send("y".repeat(100_000));
  expect(await client.readUntil("\r\n")).toBe("line too long: at most 4096 bytes\r\n");
  expect(await converse(client, "\ntime\n")).toBe("TIME\n");
  await server.event("ended");
  const [first, second, third, fourth] = server.events("request");
  expect(first).toMatchObject({ kind: "invalid", command: "xxxx" });
  expect(second).toMatchObject({ kind: "time" });
  expect(third).toMatchObject({ kind: "too-long", text: "y".repeat(80) });
  expect(fourth).toMatchObject({ kind: "time" });
});

test("an invalid command gets no reply and one log line; the connection stays open", async () => {
  const server = await sharedServer();
  await using client = await connect(server.port);
  await client.send("hello");
  const bare = await server.event("request");
  expect(bare).toMatchObject({ kind: "invalid", text: "hello", command: "hell" });
  expect(await converse(client, "time")).toBe("TIME");
  await server.event("ended");
  expect(server.events("request").map(({ kind }) => kind)).toEqual(["invalid", "time"]);
});

test("a client that does not read is not read from, its child stays small, and it misses no reply", async () => {
  const server = await sharedServer();
  await using client = await connect(server.port);
  const { pid } = await server.event("serving");
  const before = readMemory(pid).private;

  client.pause();
  const pipelined = "time\n".repeat(20_000);
  let sent = 0;
  let peak = 0;
  const sendMore = () => {
    // A partial write ends in the middle of a request; the next one continues there.
    sent += client.sendSome(pipelined.slice(sent % "time\n".length));
    peak = Math.max(peak, readMemory(pid).private);
    return sent;
  };
  // This stops when the kernel's buffers are full in both directions, for the child reads no more.
  await untilStill(sendMore, "what the client can send");
  expect(peak - before).toBeLessThan(64e6);

  client.resume();
  const rest = sent % "time\n".length;
  await client.send("time\n".slice(rest === 0 ? 5 : rest));
  client.halfClose();
  const { text, end } = await client.readToEnd();
  expect(end).toBe("clean");
  const replies = text.split("\n");
  expect(replies.pop()).toBe("");
  expect(replies).toHaveLength(Math.ceil(sent / "time\n".length));
  expect(replies.every((reply) => TIME.test(reply))).toBe(true);
  const ended = await server.event("ended");
  expect(ended.requests).toBe(replies.length);
  expect(ended.bytesOut).toBe(text.length);
});

/** Its replies are more than the kernel buffers (tcp_wmem: 4 MB). */
const MANY = sized(250_000, 400_000);

test("a client that sends everything at once and reads later gets every reply", async () => {
  const server = await sharedServer();
  await using client = await connect(server.port);
  const { pid } = await server.event("serving");
  client.pause();
  await client.send("time\n".repeat(MANY));
  client.halfClose();
  await untilStill(() => cpuTime(pid), "the child");
  client.resume();
  const { text, end } = await client.readToEnd();
  expect(end).toBe("clean");
  expect(text).toHaveLength("YYYY/MM/DD HH:MM:SS\n".length * MANY);
});

test("a client that resets while replies wait for it ends its child", async () => {
  const server = await sharedServer();
  await using client = await connect(server.port);
  client.pause();
  const pipelined = "time\n".repeat(20_000);
  let sent = 0;
  await untilStill(() => (sent += client.sendSome(pipelined)), "what the client can send");
  client.reset();
  expect(await server.event("ended")).toMatchObject({ reason: "client reset" });
});

test("the child of a client that never reads can still be killed", async () => {
  const server = await sharedServer();
  await using client = await connect(server.port);
  const { pid } = await server.event("serving");
  client.pause();
  const pipelined = "time\n".repeat(20_000);
  let sent = 0;
  await untilStill(() => (sent += client.sendSome(pipelined)), "what the client can send");
  process.kill(pid, "SIGTERM");
  expect(await server.event("ended")).toMatchObject({ reason: "killed by signal" });
});

const QUITS = sized(20, 200);

// A bare quit ends the session after a wait for its line ending: hence the lanes.
for (const [name, request, lanes] of [
  ["bare", "quit", 10],
  ["\\n", "quit\n", 1],
  ["\\r\\n", "quit\r\n", 1],
] as const) {
  test(`${QUITS} quits in quick succession each get their quit and a clean end: ${name}`, async () => {
    await using server = await startServerWithoutPage({ maxPerSource: 1000 });
    async function lane(count: number): Promise<void> {
      for (let i = 0; i < count; i += 1) {
        await using client = await connect(server.port);
        await client.send(request);
        expect(await client.readToEnd()).toEqual({ text: request, end: "clean" });
      }
    }
    await Promise.all(Array.from({ length: lanes }, () => lane(QUITS / lanes)));
    await until(() => server.events("ended").length === QUITS, "all sessions have ended");
    expect(new Set(server.events("ended").map(({ reason }) => reason))).toEqual(new Set(["quit"]));
  });
}

test("data after quit causes no reset", async () => {
  const server = await sharedServer();
  for (const trailing of ["time\r\n", "\r\nmore", "x".repeat(1_000_000)]) {
    await using client = await connect(server.port);
    await client.send(`quit\r\n${trailing}`);
    expect(await client.readToEnd()).toEqual({ text: "quit\r\n", end: "clean" });
  }
});

test("a reset is reported differently from a client that leaves", async () => {
  const server = await sharedServer();
  await using leaving = await connect(server.port);
  await server.event("serving");
  leaving.close();
  expect(await server.event("ended")).toMatchObject({ reason: "client left" });
  await using resetting = await connect(server.port);
  const { id } = await server.event("serving", ({ remotePort }) => remotePort === resetting.port);
  resetting.reset();
  const ended = await server.event("ended", (event) => event.id === id);
  expect(ended.reason).toBe("client reset");
});

test("requests that come too fast to be logged individually are counted", async () => {
  const server = await sharedServer();
  await using client = await connect(server.port);
  expect(await converse(client, "time\n".repeat(10_000))).toBe("TIME\n".repeat(10_000));
  const ended = await server.event("ended");
  expect(ended).toMatchObject({ requests: 10_000, bytesIn: 50_000, bytesOut: 200_000 });
  const listed = server.events("request").length;
  const notListed = server.events("requests not listed").map(({ count }) => count);
  expect(listed + notListed.reduce((a, b) => a + b, 0)).toBe(10_000);
  expect(listed).toBeLessThan(1000);
});

test("however fast a client asks, its child reports to the master rarely", async () => {
  const server = await sharedServer();
  await using client = await connect(server.port);
  const start = performance.now();
  expect((await converse(client, "time\n".repeat(50_000))).length).toBe(250_000);
  const seconds = (performance.now() - start) / 1000;
  expect(await server.event("ended")).toMatchObject({ requests: 50_000 });
  // Every report, except one of few requests, has more of them than can be listed.
  const reports = server.events("requests not listed").length;
  expect(reports).toBeWithin(1, 20 + 4 * seconds + 2);
});
