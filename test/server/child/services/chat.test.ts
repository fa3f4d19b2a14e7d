/** `--service chat`: processes that talk to each other, each for its client. */
import { expect, test } from "bun:test";
import { type Client, connect } from "../../../harness/connect.ts";
import { freeze } from "../../../harness/processes.ts";
import { type Server, startServer, startServerWithoutPage } from "../../../harness/server.ts";
import { openTerminal } from "../../../harness/terminal.ts";
import { sized } from "../../../harness/sized.ts";
import { until } from "../../../harness/until.ts";

/** Returns a client that is in the lobby under this name. */
async function chatter(server: Server, name: string): Promise<Client> {
  const client = await connect(server.port);
  await client.readUntil("What is your name? ");
  await client.send(`${name}\r\n`);
  await client.readUntil("* in lobby: ");
  await client.readUntil("\r\n");
  return client;
}

async function say(client: Client, line: string): Promise<void> {
  await client.send(`${line}\r\n`);
}

async function expectLine(client: Client, line: string): Promise<void> {
  expect(await client.readUntil("\r\n")).toBe(`${line}\r\n`);
}

test("two chatters talk, also in private, see each other come and go, and list who is there", async () => {
  await using server = await startServer({ service: "chat" });
  await using ann = await chatter(server, "ann");
  await using bob = await chatter(server, "bob");
  await expectLine(ann, "* bob has joined lobby");
  await say(ann, "hello, \x1b[31mbob\x07");
  await expectLine(bob, "ann: hello, [31mbob");
  await say(bob, "/msg ann psst");
  await expectLine(ann, "bob (to you): psst");
  await say(bob, "/msg eve psst");
  await expectLine(bob, "* nobody here is called eve");
  await say(bob, "/join attic");
  await expectLine(bob, "* in attic: bob");
  await expectLine(ann, "* bob has left lobby");
  await say(ann, "anybody here?");
  await say(ann, "/who");
  await expectLine(ann, "* in lobby: ann");
  const rooms = await (await fetch(`${server.url}api/rooms`)).json();
  expect(rooms).toEqual([
    { name: "lobby", size: 1 },
    { name: "attic", size: 1 },
  ]);
  const page = await (await fetch(server.url)).text();
  expect(page).toContain("Rooms: 2");
  await say(bob, "/join lobby");
  await expectLine(bob, "* in lobby: ann, bob");
  await expectLine(ann, "* bob has joined lobby");
  await say(bob, "/quit");
  expect(await bob.readToEnd()).toEqual({ text: "* goodbye\r\n", end: "clean" });
  await expectLine(ann, "* bob has left lobby");
});

/** A letter that cannot be seen (U+3164), as its bytes. */
const INVISIBLE = Buffer.from("\u3164").toString("latin1");

test("a name is unique, and has no escape codes", async () => {
  await using server = await startServerWithoutPage({ service: "chat" });
  await using ann = await chatter(server, "ann");
  await using other = await connect(server.port);
  await other.readUntil("? ");
  for (const bad of ["", "two words", "-", "x".repeat(21), "<b>", INVISIBLE]) {
    await say(other, bad);
    expect(await other.readUntil("underscores. ")).toStartWith("A name is");
  }
  await say(other, "ann");
  expect(await other.readUntil("? ")).toBe("ann is here already. Your name? ");
  const { pid } = await server.event("serving", ({ remotePort }) => remotePort === ann.port);
  process.kill(pid, "SIGKILL");
  await server.event("ended");
  await say(other, "ann");
  expect(await other.readUntil("\r\n")).toBe("* welcome, ann. /help says what you can do\r\n");
});

test("it is usable from telnet", async () => {
  await using server = await startServerWithoutPage({ service: "chat" });
  await using terminal = openTerminal(["telnet", "127.0.0.1", `${server.port}`]);
  await terminal.shows("What is your name? ");
  terminal.type("ann\r");
  await terminal.shows("* in lobby: ann\n");
  await using bob = await chatter(server, "bob");
  await terminal.shows("* bob has joined lobby\n");
  terminal.type("hi\r");
  await expectLine(bob, "ann: hi");
  terminal.type("/quit\r");
  await terminal.shows("* goodbye\nConnection closed by foreign host.\n");
});

const MANY = sized(12, 50);
const LINES = 10;

/** More than are queued for a child that hangs. */
const MONOLOGUE = 1500;

test(`if one of ${MANY} crashes and one hangs, all others get every line, each sender's in order`, async () => {
  await using server = await startServerWithoutPage({ service: "chat" });
  await using open = new AsyncDisposableStack();
  const clients: Client[] = [];
  for (let i = 0; i < MANY; i += 1) clients.push(open.use(await chatter(server, `c${i}`)));
  const pidOf = async (client: Client) =>
    (await server.event("serving", ({ remotePort }) => remotePort === client.port)).pid;
  const [crashing, hanging, ...well] = clients as [Client, Client, Client, ...Client[]];
  const [speaker] = well as [Client];
  const hungPid = await pidOf(hanging);
  await freeze(hungPid);

  for (let line = 1; line <= LINES; line += 1) {
    for (const client of well) await say(client, `line ${line}`);
    if (line === LINES / 2) process.kill(await pidOf(crashing), "SIGKILL");
  }
  for (let line = LINES + 1; line <= MONOLOGUE; line += 1) await say(speaker, `line ${line}`);

  for (const client of well) {
    const others = well.length - 1;
    const all = client === speaker ? others * LINES : (others - 1) * LINES + MONOLOGUE;
    const lines = await until(
      () => {
        const lines = client.received.split("\r\n").filter((line) => /^c\d+: /.test(line));
        return lines.length >= all && lines;
      },
      () => `all ${all} lines have come; ${client.received.slice(-100)}`,
    );
    await until(
      () => client.received.includes("* c0 has left lobby\r\n"),
      "the crash is announced",
    );
    const bySender = Map.groupBy(lines, (line) => line.split(":")[0]);
    expect(bySender.size).toBe(others);
    for (const [sender, lines] of bySender) {
      const length = sender === "c2" ? MONOLOGUE : LINES;
      expect(lines.map((line) => Number(line.split(" ").at(-1)))).toEqual(
        Array.from({ length }, (_, i) => i + 1),
      );
    }
  }

  // The one that hung continues: it gets what was queued for it, and the number of the others.
  const before = hanging.received.length;
  process.kill(hungPid, "SIGCONT");
  const notice = /\* you read too slowly: (\d+) lines were left out\r\n/;
  await until(() => notice.test(hanging.received), "the one that hung learns what it missed");
  const after = hanging.received.slice(before);
  const missed = Number(notice.exec(after)?.[1]);
  const came = after.split("\r\n").filter((line) => /^c\d+: |^\* c0 has left/.test(line)).length;
  expect(came + missed).toBe((well.length - 1) * LINES + MONOLOGUE + 1);
  await say(hanging, "/who");
  await hanging.readUntil("* in lobby: ");
  expect((await hanging.readUntil("\r\n")).split(", ")).toHaveLength(MANY - 1);
});

test("a client that does not read loses lines, is told how many, and holds up no one", async () => {
  await using server = await startServerWithoutPage({ service: "chat" });
  await using slow = await chatter(server, "slow");
  await using ear = await chatter(server, "ear");
  await using open = new AsyncDisposableStack();
  const loud: Client[] = [];
  for (let i = 0; i < 3; i += 1) loud.push(open.use(await chatter(server, `loud${i}`)));
  slow.pause();

  // More than the kernel buffers for a client that does not read, but never more at
  // once than a reader takes.
  const long = "x".repeat(4000);
  await ear.readUntil("loud2 has joined lobby\r\n");
  for (let round = 0; round < 1000; round += 1) {
    for (const client of loud) await say(client, long);
    for (const _ of loud)
      expect((await ear.readUntil("\r\n")).endsWith(`: ${long}\r\n`)).toBe(true);
  }
  slow.resume();
  await until(
    () => slow.received.slice(-20_000).includes("* you read too slowly: "),
    "the slow one learns that lines were left out",
  );
});
