/** A console that nobody reads, or that is gone, affects neither the master nor any client. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { connect } from "../../harness/connect.ts";
import { freeze, isRunning, listFamily, readMemory } from "../../harness/processes.ts";
import { brood, ROOT, run, EXECUTABLE } from "../../harness/run.ts";
import { type Server, startServerWithoutPage } from "../../harness/server.ts";
import { openTerminal, type Terminal } from "../../harness/terminal.ts";
import { sized } from "../../harness/sized.ts";
import { until, untilEqual, untilStill } from "../../harness/until.ts";

/** brood with its stdout piped to `reader`, a child of its own, whose stdout the harness reads. */
function pipedTo(reader: string): string[] {
  return ["bash", "-c", `exec "$@" > >(exec ${reader})`, "bash", EXECUTABLE];
}

/**
 * How much the master may grow: at most 150 MB were measured; if it stored all lines,
 * each flood would add 40 MB.
 */
const MAX_GROWTH_BYTES = 200e6;

/** One flood is 20 MB of log, more than may wait to be printed. */
const FLOODS = sized(2, 4);
const CLIENTS = 100;
const ROUNDS = 10;
const LINES_PER_ROUND = 32;

test("a pipe that nobody reads: clients are served, memory is bounded, the gap is logged", async () => {
  await using server = await startServerWithoutPage({}, { program: pipedTo("cat") });
  await serveOne(server.port); // before memory is measured
  const before = readMemory(server.pid).private;
  const resume = await stopReader(server);
  for (let i = 0; i < FLOODS; i += 1) await flood(server.port);
  await serveOne(server.port);
  expect(readMemory(server.pid).private - before).toBeLessThan(MAX_GROWTH_BYTES);

  resume();
  const { message } = await server.event("warning"); // each line is whole, or this throws
  const [, missed = ""] =
    /^([\d,]+) lines not printed: the console did not keep up$/.exec(message) ?? [];
  await serveOne(server.port);
  // Listening, confined, the warning and the sessions: lines that were not printed were counted.
  const lines = 3 + FLOODS * CLIENTS * (6 + ROUNDS * LINES_PER_ROUND) + 3 * 6;
  await untilEqual(() => server.log.length + Number(missed.replaceAll(",", "")), lines);
  expect(server.log.at(-1)?.event).toBe("ended");
  expect(server.events("warning")).toHaveLength(1);
});

test("a full non-blocking pipe gets the rest later", async () => {
  // Not with a server: Bun makes the pipe blocking again when it starts a child.
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
  await using server = await startServerWithoutPage({ log: "tutorial" }, { program });
  const resume = await stopReader(server);
  await flood(server.port);
  resume();
  const count = () => server.stdout.split("\n").length;
  await until(() => count() > 1000, "the lines that waited are printed");
  await untilStill(count, "what is printed"); // until then a line more may be left out
  await using last = await connect(server.port);
  await server.prints(`client connect : 127.0.0.1:${last.port}`);
  expect(count()).toBeLessThan(CLIENTS * ROUNDS * LINES_PER_ROUND * 2);
  expect(server.stdout).toMatch(/^(SERVER >> [^\n]*\n)+$/);
});

test("nothing more is printed to a console that was closed, as `| head` does", async () => {
  await using server = await startServerWithoutPage({}, { program: pipedTo("head -n 1") });
  await until(() => hasEnded(server, "head"), "head has ended");
  for (let i = 0; i < 3; i += 1) await serveOne(server.port);
  expect(server.log).toHaveLength(1);
});

test("the last lines are not lost in a pipe", async () => {
  await using server = await startServerWithoutPage({}, { program: pipedTo("cat") });
  await Promise.all(Array.from({ length: 10 }, () => chat(server.port)));
  expect(await server.stop()).toBe(0);
  expect(server.events("request")).toHaveLength(10 * (ROUNDS * LINES_PER_ROUND + 1));
  expect(server.log.at(-1)).toMatchObject({ event: "stopped", accepted: 10 });
});

test("SIGTERM ends a server whose pipe nobody reads", async () => {
  await using server = await startServerWithoutPage({}, { program: pipedTo("cat") });
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
    // The kernel handles the key in its own time: until then lines are still shown.
    let clients = 0;
    const serveUnseen = async () => {
      const { screen } = terminal;
      for (let i = 0; i < 3; i += 1) await serveOne(port);
      clients += 3;
      return terminal.screen === screen;
    };
    await until(serveUnseen, "clients are served and nothing is shown");
    terminal.type(CTRL_Q);
    await until(() => terminal.screen.split("ended: quit").length > clients, "all lines are shown");
    expect(terminal.screen.match(/client connected/g)).toHaveLength(clients);
    terminal.type("\x03");
    await terminal.shows(`stopped after ${clients} clients, 0 refused`);
    expect(await terminal.exited()).toBe(0);
  });

  test("SIGTERM ends the server", async () => {
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

/** Stops the reader of the server's stdout; returns a function that resumes it. */
async function stopReader(server: Server): Promise<() => void> {
  const family = await listFamily(server.pid);
  const reader = family.find(({ name }) => name === "cat");
  if (reader === undefined) throw new Error("nobody reads");
  await freeze(reader.pid);
  return () => process.kill(reader.pid, "SIGCONT");
}

/** Returns true when that child of the shell, and so of the server, has ended. */
async function hasEnded(server: Server, name: string): Promise<boolean> {
  const family = await listFamily(server.pid);
  return !family.some((process) => process.name === name && !process.state.startsWith("Z"));
}

/** A client's whole session: five lines in the log. */
async function serveOne(port: number): Promise<void> {
  await using client = await connect(port);
  await client.send("quit\n");
  expect(await client.readToEnd()).toMatchObject({ end: "clean" });
}

/** Many clients with many requests each. */
async function flood(port: number): Promise<void> {
  await Promise.all(Array.from({ length: CLIENTS }, () => chat(port)));
}

/** A client with many requests, never more at a time than are logged one by one. */
async function chat(port: number): Promise<void> {
  await using client = await connect(port);
  const invalid = `${"\x01".repeat(80)}\n`; // gets no reply
  for (let round = 0; round < ROUNDS; round += 1) {
    await client.send(`${invalid.repeat(LINES_PER_ROUND - 1)}time\n`);
    await client.readUntil("\n");
  }
  await client.send("quit\n");
  await client.readToEnd();
}
