/** `--service chat`: processes that talk with each other, each for its client. */
import { expect, test } from "bun:test";
import { type Client, connect } from "../../../harness/connect.ts";
import { freeze } from "../../../harness/processes.ts";
import { type Server, startServer } from "../../../harness/server.ts";
import { openTerminal } from "../../../harness/terminal.ts";
import { until } from "../../../harness/until.ts";

/** A client that is in the lobby under this name. */
async function chatter(server: Server, name: string): Promise<Client> {
  const client = await connect(server.port);
  await client.readUntil("What is your name? ");
  await client.send(`${name}\r\n`);
  await client.readUntil("* in lobby: ");
  await client.readUntil("\r\n");
  return client;
}

async function says(client: Client, line: string): Promise<void> {
  await client.send(`${line}\r\n`);
}

async function reads(client: Client, line: string): Promise<void> {
  expect(await client.readUntil("\r\n")).toBe(`${line}\r\n`);
}

test("two talk, in private too, see each other come and go, and who is there", async () => {
  await using server = await startServer({ service: "chat" });
  await using ann = await chatter(server, "ann");
  await using bob = await chatter(server, "bob");
  await reads(ann, "* bob has joined lobby");
  await says(ann, "hello, \x1b[31mbob\x07");
  await reads(bob, "ann: hello, [31mbob");
  await says(bob, "/msg ann psst");
  await reads(ann, "bob (to you): psst");
  await says(bob, "/msg eve psst");
  await reads(bob, "* nobody here is called eve");
  await says(bob, "/join attic");
  await reads(bob, "* in attic: bob");
  await reads(ann, "* bob has left lobby");
  await says(ann, "anybody here?");
  await says(ann, "/who");
  await reads(ann, "* in lobby: ann");
  const rooms = await (await fetch(`${server.url}api/rooms`)).json();
  expect(rooms).toEqual([
    { name: "lobby", size: 1 },
    { name: "attic", size: 1 },
  ]);
  const page = await (await fetch(server.url)).text();
  expect(page).toContain("Rooms: 2");
  await says(bob, "/join lobby");
  await reads(bob, "* in lobby: ann, bob");
  await reads(ann, "* bob has joined lobby");
  await says(bob, "/quit");
  expect(await bob.readToEnd()).toEqual({ text: "* goodbye\r\n", end: "clean" });
  await reads(ann, "* bob has left lobby");
});

test("a name is one's own, and no escape code", async () => {
  await using server = await startServer({ service: "chat" });
  await using ann = await chatter(server, "ann");
  await using other = await connect(server.port);
  await other.readUntil("? ");
  for (const bad of ["", "two words", "-", "x".repeat(21), "<b>", INVISIBLE]) {
    await says(other, bad);
    expect(await other.readUntil("underscores. ")).toStartWith("A name is");
  }
  await says(other, "ann");
  expect(await other.readUntil("? ")).toBe("ann is here already. Your name? ");
  const { pid } = await server.event("serving", ({ remotePort }) => remotePort === ann.port);
  process.kill(pid, "SIGKILL");
  await server.event("ended");
  await says(other, "ann");
  expect(await other.readUntil("\r\n")).toBe("* welcome, ann. /help says what you can do\r\n");
});

test("it is usable from telnet", async () => {
  await using server = await startServer({ service: "chat" });
  await using terminal = openTerminal(["telnet", "127.0.0.1", `${server.port}`]);
  await terminal.shows("What is your name? ");
  terminal.type("ann\r");
  await terminal.shows("* in lobby: ann\n");
  await using bob = await chatter(server, "bob");
  await terminal.shows("* bob has joined lobby\n");
  terminal.type("hi\r");
  await reads(bob, "ann: hi");
  terminal.type("/quit\r");
  await terminal.shows("* goodbye\nConnection closed by foreign host.\n");
});

/** A letter that nobody sees (U+3164), as its bytes. */
const INVISIBLE = Buffer.from("\u3164").toString("latin1");

const MANY = 50;
const LINES = 10;

/** More than are kept for one that hangs. */
const MONOLOGUE = 1500;

test(`of ${MANY} one crashes and one hangs; all others get every line, each sender's in order`, async () => {
  await using server = await startServer({ service: "chat" });
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
    for (const client of well) await says(client, `line ${line}`);
    if (line === LINES / 2) process.kill(await pidOf(crashing), "SIGKILL");
  }
  for (let line = LINES + 1; line <= MONOLOGUE; line += 1) await says(speaker, `line ${line}`);

  for (const client of well) {
    const others = well.length - 1;
    const all = client === speaker ? others * LINES : (others - 1) * LINES + MONOLOGUE;
    const said = await until(
      () => {
        const lines = client.received.split("\r\n").filter((line) => /^c\d+: /.test(line));
        return lines.length >= all && lines;
      },
      () => `all ${all} lines have come; ${client.received.slice(-100)}`,
    );
    await until(() => client.received.includes("* c0 has left lobby\r\n"), "the crash is told");
    const bySender = Map.groupBy(said, (line) => line.split(":")[0]);
    expect(bySender.size).toBe(others);
    for (const [sender, lines] of bySender) {
      const length = sender === "c2" ? MONOLOGUE : LINES;
      expect(lines.map((line) => Number(line.split(" ").at(-1)))).toEqual(
        Array.from({ length }, (_, i) => i + 1),
      );
    }
  }

  // The one that hung goes on: it gets what was kept for it, and is told of the rest.
  const before = hanging.received.length;
  process.kill(hungPid, "SIGCONT");
  const notice = /\* you read too slowly: (\d+) lines were left out\r\n/;
  await until(() => notice.test(hanging.received), "the one that hung is told what it missed");
  const after = hanging.received.slice(before);
  const missed = Number(notice.exec(after)?.[1]);
  const came = after.split("\r\n").filter((line) => /^c\d+: |^\* c0 has left/.test(line)).length;
  expect(came + missed).toBe((well.length - 1) * LINES + MONOLOGUE + 1);
  await says(hanging, "/who");
  await hanging.readUntil("* in lobby: ");
  expect((await hanging.readUntil("\r\n")).split(", ")).toHaveLength(MANY - 1);
});

test("a client that does not read loses lines, with a notice; nobody waits for it", async () => {
  await using server = await startServer({ service: "chat" });
  await using deaf = await chatter(server, "deaf");
  await using ear = await chatter(server, "ear");
  await using open = new AsyncDisposableStack();
  const loud: Client[] = [];
  for (let i = 0; i < 3; i += 1) loud.push(open.use(await chatter(server, `loud${i}`)));
  deaf.pause();

  // More than the kernel keeps for one that does not read, and never more at once than one who reads takes.
  const long = "x".repeat(4000);
  await ear.readUntil("loud2 has joined lobby\r\n");
  for (let round = 0; round < 1000; round += 1) {
    for (const client of loud) await says(client, long);
    for (const _ of loud)
      expect((await ear.readUntil("\r\n")).endsWith(`: ${long}\r\n`)).toBe(true);
  }
  deaf.resume();
  await until(
    () => deaf.received.slice(-20_000).includes("* you read too slowly: "),
    "the deaf one is told that lines were left out",
  );
});
