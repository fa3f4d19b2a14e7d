/** A console that nobody reads, or that is gone, is no concern of the master's and of no client's. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { connect } from "../../harness/connect.ts";
import { freeze, isRunning, listFamily, readMemory } from "../../harness/processes.ts";
import { brood, ROOT, run, EXECUTABLE } from "../../harness/run.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { openTerminal, type Terminal } from "../../harness/terminal.ts";
import { sized } from "../../harness/sized.ts";
import { until, untilEqual, untilStill } from "../../harness/until.ts";

/** brood with its stdout a pipe to `reader`, a child of its own, whose stdout the harness reads. */
function pipedTo(reader: string): string[] {
  return ["bash", "-c", `exec "$@" > >(exec ${reader})`, "bash", EXECUTABLE];
}

/** Bytes that the master may grow by: 150 MB at the most were seen, the history in it, and 40 MB more a flood with all lines kept. */
const MOST_GROWTH = 200e6;

/** A flood is 20 MB of log, more than waits to be printed. */
const FLOODS = sized(3, 4);
const CLIENTS = 100;
const ROUNDS = 10;
const LINES_A_ROUND = 32;

test("a pipe that nobody reads: clients are served, memory is bounded, the gap is told", async () => {
  await using server = await startServer({ dashboard: "off" }, { program: pipedTo("cat") });
  await serveOne(server.port); // before memory is measured
  const before = readMemory(server.pid).private;
  const resume = await stopReader(server);
  for (let i = 0; i < FLOODS; i += 1) await flood(server.port);
  await serveOne(server.port);
  expect(readMemory(server.pid).private - before).toBeLessThan(MOST_GROWTH);

  resume();
  const { message } = await server.event("warning"); // each line is whole, or this throws
  const [, missed = ""] =
    /^([\d,]+) lines not printed: the console did not keep up$/.exec(message) ?? [];
  await serveOne(server.port);
  // Listening, confined, the warning and the sessions: what was not printed was counted.
  const lines = 3 + FLOODS * CLIENTS * (6 + ROUNDS * LINES_A_ROUND) + 3 * 6;
  await untilEqual(() => server.log.length + Number(missed.replaceAll(",", "")), lines);
  expect(server.log.at(-1)?.event).toBe("ended");
  expect(server.events("warning")).toHaveLength(1);
});

test("a pipe that refuses what it has no room for is given the rest later", async () => {
  // Not with a server: Bun lets the pipe block again as soon as it starts a child.
  const module = JSON.stringify(join(ROOT, "server/master/console.ts"));
  const script = `import { createLinePrinter } from ${module};
    const { print, flush } = createLinePrinter(1);
    for (let i = 0; i < 5000; i += 1) print(String(i).padEnd(1000, "."));
    await flush();`;
  const refusing = `perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK) or die; exec @ARGV'`;
  const command = `${refusing} -- "$@" | cat`;
  const { stdout, stderr } = await run([
    "bash",
    "-c",
    command,
    "bash",
    process.execPath,
    "-e",
    script,
  ]);
  expect(stderr).toBe("");
  expect(stdout.match(/^\d+(?=\.+$)/gm)?.map(Number)).toEqual(
    Array.from({ length: 5000 }, (_, i) => i),
  );
});

test("--log tutorial: stdout has only the tutorial's lines, after a gap too", async () => {
  const program = pipedTo("cat");
  await using server = await startServer({ log: "tutorial" }, { program });
  const resume = await stopReader(server);
  await flood(server.port);
  resume();
  const count = () => server.stdout.split("\n").length;
  await until(() => count() > 1000, "what waited is printed");
  await untilStill(count, "what is printed"); // until then a line more may be left out
  await using last = await connect(server.port);
  await server.prints(`client connect : 127.0.0.1:${last.port}`);
  expect(count()).toBeLessThan(CLIENTS * ROUNDS * LINES_A_ROUND * 2);
  expect(server.stdout).toMatch(/^(SERVER >> [^\n]*\n)+$/);
});

test("a console that is closed, as `| head` does, is printed to no more", async () => {
  await using server = await startServer({}, { program: pipedTo("head -n 1") });
  await until(() => gone(server, "head"), "head has ended");
  for (let i = 0; i < 3; i += 1) await serveOne(server.port);
  expect(server.log).toHaveLength(1);
});

test("the last lines are not lost in a pipe", async () => {
  await using server = await startServer({}, { program: pipedTo("cat") });
  await Promise.all(Array.from({ length: 10 }, () => chat(server.port)));
  expect(await server.stop()).toBe(0);
  expect(server.events("request")).toHaveLength(10 * (ROUNDS * LINES_A_ROUND + 1));
  expect(server.log.at(-1)).toMatchObject({ event: "stopped", accepted: 10 });
});

test("SIGTERM ends a server whose pipe nobody reads", async () => {
  await using server = await startServer({}, { program: pipedTo("cat") });
  const resume = await stopReader(server);
  await chat(server.port);
  server.signal("SIGTERM");
  await until(() => !isRunning(server.pid), "the master ends");
  resume();
  expect(await server.exited()).toBe(0);
});

const CTRL_S = "\x13";
const CTRL_Q = "\x11";

describe("a terminal stopped with Ctrl-S", () => {
  test("clients are served meanwhile, and Ctrl-Q brings the lines", async () => {
    await using terminal = openTerminal(brood("serve", "--port", 0, "--dashboard", "off"));
    const port = await portShown(terminal);
    terminal.type(CTRL_S);
    for (let i = 0; i < 3; i += 1) await serveOne(port);
    expect(terminal.screen).not.toContain("client connected");
    terminal.type(CTRL_Q);
    await until(() => terminal.screen.split("ended: quit").length > 3, "all lines are shown");
    expect(terminal.screen.match(/client connected/g)).toHaveLength(3);
    terminal.type("\x03");
    await terminal.shows("stopped after 3 clients, 0 refused");
    expect(await terminal.exited()).toBe(0);
  });

  test("SIGTERM ends the server all the same", async () => {
    await using terminal = openTerminal(brood("serve", "--port", 0, "--dashboard", "off"));
    const port = await portShown(terminal);
    terminal.type(CTRL_S);
    await serveOne(port);
    process.kill(terminal.pid, "SIGTERM");
    expect(await terminal.exited()).toBe(0);
  });
});

async function portShown(terminal: Terminal): Promise<number> {
  await terminal.shows(/listening on 127\.0\.0\.1 port \d+.*\n/);
  return Number(/port (\d+)/.exec(terminal.screen)?.[1]);
}

/** Stops what reads the server's stdout; gives what lets it read again. */
async function stopReader(server: Server): Promise<() => void> {
  const family = await listFamily(server.pid);
  const reader = family.find(({ name }) => name === "cat");
  if (reader === undefined) throw new Error("nobody reads");
  await freeze(reader.pid);
  return () => process.kill(reader.pid, "SIGCONT");
}

/** True when that child of the shell, and so of the server, has ended. */
async function gone(server: Server, name: string): Promise<boolean> {
  const family = await listFamily(server.pid);
  return !family.some((process) => process.name === name && !process.state.startsWith("Z"));
}

/** A client's whole stay: five lines in the log. */
async function serveOne(port: number): Promise<void> {
  await using client = await connect(port);
  await client.send("quit\n");
  expect(await client.readToEnd()).toMatchObject({ end: "clean" });
}

/** Many clients of many requests. */
async function flood(port: number): Promise<void> {
  await Promise.all(Array.from({ length: CLIENTS }, () => chat(port)));
}

/** A client of many requests, no more at a time than are listed. */
async function chat(port: number): Promise<void> {
  await using client = await connect(port);
  const invalid = `${"\x01".repeat(80)}\n`; // not answered
  for (let round = 0; round < ROUNDS; round += 1) {
    await client.send(`${invalid.repeat(LINES_A_ROUND - 1)}time\n`);
    await client.readUntil("\n");
  }
  await client.send("quit\n");
  await client.readToEnd();
}
