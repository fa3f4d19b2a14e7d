/**
 * `--exec`: any program, unchanged, each with a client of its own. Programs
 * written for inetd are in inetd/.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { connect } from "../../harness/connect.ts";
import { isRunning, pstree, readMemory } from "../../harness/processes.ts";
import { brood, ROOT, run } from "../../harness/run.ts";
import { startServer, startServerWithoutPage } from "../../harness/server.ts";
import { until, untilEqual } from "../../harness/until.ts";

const folder = mkdtempSync(join(tmpdir(), "brood-exec-"));
beforeAll(() => chmodSync(folder, 0o755)); // children may run as nobody
afterAll(() => rmSync(folder, { recursive: true }));

/** The user that children run as by default, in an error. */
const runsAs =
  process.getuid?.() === 0 ? "the children's users" : (await run(["id", "-un"])).stdout.trimEnd();

async function script(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await Bun.write(path, text);
  chmodSync(path, 0o755);
  return path;
}

test("cat returns every byte, sees that its client closes, and is what pstree shows", async () => {
  await using server = await startServer({ exec: "cat" });
  await using first = await connect(server.port);
  await using second = await connect(server.port);
  const all = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");
  await first.send(all.repeat(2000));
  expect((await first.read(512_000)) === all.repeat(2000)).toBe(true);
  await second.send("there");
  expect(await second.read(5)).toBe("there");
  expect(await pstree(server.pid)).toBe("server---2*[cat]\n");
  expect(await (await fetch(`${server.url}pstree`)).text()).toEndWith("---server---2*[cat]\n");
  await first.send("last");
  first.halfClose();
  expect(await first.readToEnd()).toEqual({ text: "last", end: "clean" });
  const ended = await server.event("ended");
  expect(ended).toMatchObject({ reason: "program ended", exitCode: 0, bytesIn: null });
  expect(ended.remotePort).toBe(first.port);
});

for (const [host, remote] of [
  ["127.0.0.1", "127.0.0.1"],
  ["::1", "::1"],
] as const) {
  test(`a program gets tcpserver's variables about its client: ${remote}`, async () => {
    await using server = await startServerWithoutPage({ host: "::", exec: "env" });
    await using client = await connect(server.port, { host });
    const lines = (await client.readToEnd()).text.trimEnd().split("\n");
    const variables = Object.fromEntries(lines.map((line) => line.split("=") as [string, string]));
    expect(variables).toMatchObject({
      PROTO: "TCP",
      TCPREMOTEIP: remote,
      TCPREMOTEPORT: String(client.port),
      TCPLOCALIP: remote,
      TCPLOCALPORT: String(server.port),
      TCPCONNNUM: "1",
      REMOTE_ADDR: remote,
      REMOTE_PORT: String(client.port),
    });
  });
}

test("TCPCONNNUM counts the live clients of the same source", async () => {
  await using server = await startServerWithoutPage({ exec: "sh -c 'echo $TCPCONNNUM; cat'" });
  await using first = await connect(server.port);
  expect(await first.readUntil("\n")).toBe("1\n");
  await using second = await connect(server.port);
  expect(await second.readUntil("\n")).toBe("2\n");
  await using other = await connect(server.port, { from: "127.0.0.2" });
  expect(await other.readUntil("\n")).toBe("1\n");
});

test("quotes work as in a shell; nothing else that a shell does is done", async () => {
  await using server = await startServerWithoutPage({
    exec: `printf '%s|' "a b" 'c"d' e\\ f $HOME *`,
  });
  await using client = await connect(server.port);
  expect((await client.readToEnd()).text).toBe(`a b|c"d|e f|$HOME|*|`);
});

test("what it prints on stderr is logged line by line, escaped, and before its end", async () => {
  const prints = String.raw`printf "one\ntwo \033[2J\n\303\251\nthree without its end" >&2; exit 3`;
  await using server = await startServer({ exec: `sh -c '${prints}'` });
  await using client = await connect(server.port);
  expect(await client.readToEnd()).toEqual({ text: "", end: "clean" });
  const ended = await server.event("ended");
  expect(ended).toMatchObject({ reason: "program failed", exitCode: 3 });
  const lines = server.events("printed").filter(({ id }) => id === ended.id);
  const texts = lines.map(({ text }) => text);
  expect(texts).toEqual(["one", "two \\x1b[2J", "é", "three without its end"]);
  expect(server.log.indexOf(lines.at(-1)!)).toBeLessThan(server.log.indexOf(ended));
  const page = await (await fetch(server.url)).text();
  expect(page).toContain("three without its end");
  expect(page).toContain("ended: program failed (exit status 3)");
});

test("a flood on stderr does not slow others down, and costs the master no memory", async () => {
  await using server = await startServer({ exec: `sh -c 'read what; yes "$what" >&2'` });
  await using loud = await connect(server.port);
  await loud.send(`${"flood ".repeat(40)}\n`);
  const { id } = await server.event("printed", ({ text }) => text.startsWith("flood flood"));
  await server.event("lines not listed");
  const before = readMemory(server.pid).private;
  await using other = await connect(server.port);
  await other.send("x\n");
  await server.event("printed", ({ text }) => text === "x");
  await fetch(`${server.url}api/children/${id}`, { method: "DELETE" });
  await server.event("ended", (event) => event.id === id);
  expect(readMemory(server.pid).private - before).toBeLessThan(20e6);
});

test("a very long line on stderr is cut", async () => {
  await using server = await startServerWithoutPage({
    exec: `sh -c 'head -c 100000 /dev/zero | tr "\\0" x >&2'`,
  });
  await using client = await connect(server.port);
  await client.readToEnd();
  await server.event("ended");
  expect(server.events("printed").map(({ text }) => text.length)).toEqual([1000]);
});

test("a program is killed from the page with everything that it has started", async () => {
  await using server = await startServer({ exec: "sh -c 'sleep 1000 & echo $!; wait'" });
  await using client = await connect(server.port);
  await using other = await connect(server.port);
  const descendant = Number(await client.readUntil("\n"));
  expect(isRunning(descendant)).toBe(true);
  await other.readUntil("\n");
  const { id } = await server.event("serving", ({ remotePort }) => remotePort === client.port);
  const { status } = await fetch(`${server.url}api/children/${id}`, { method: "DELETE" });
  expect(status).toBe(202);
  expect((await client.readToEnd()).end).toBe("clean");
  await until(() => !isRunning(descendant), "what it has started has ended");
  expect((await server.event("ended")).reason).toBe("killed by operator");
  expect(server.events("ended")).toHaveLength(1);
});

test("what a program leaves behind when it ends by itself is killed, and delays nobody", async () => {
  await using server = await startServerWithoutPage({ exec: "sh -c 'sleep 1000 & echo $!'" });
  await using client = await connect(server.port);
  const descendant = Number((await client.readToEnd()).text);
  expect((await server.event("ended")).reason).toBe("program ended");
  await until(() => !isRunning(descendant), "what it has started has ended");
});

test("a program that crashes is logged as crashed, and one that takes too long is ended", async () => {
  await using server = await startServerWithoutPage({
    exec: "sh -c 'read how; kill -$how $$; exec cat'",
    maxSession: "4s",
  });
  await using crashing = await connect(server.port);
  await crashing.send("SEGV\n");
  await crashing.readToEnd();
  expect(await server.event("ended")).toMatchObject({ reason: "crashed", signal: "SIGSEGV" });
  await using slow = await connect(server.port);
  await slow.readToEnd();
  const ended = await server.event("ended", ({ remotePort }) => remotePort === slow.port);
  expect(ended).toMatchObject({ reason: "session too long", signal: "SIGTERM" });
});

test("limits apply to programs, too", async () => {
  const eater = `perl -e '$x = "x" x 100_000_000; print "eaten\\n"; $| = 1; sleep 1000'`;
  await using server = await startServerWithoutPage({
    exec: `sh -c 'ulimit -n; ulimit -t; exec ${eater.replaceAll("'", `'"'"'`)}'`,
    childMemory: "50M",
    childFiles: 64,
    childCpu: "100s",
  });
  await using client = await connect(server.port);
  expect((await client.readToEnd()).text).toStartWith("64\n100\n");
  const ended = await server.event("ended");
  expect(ended).toMatchObject({ reason: "killed by signal", signal: "SIGKILL" });
  const { message } = await server.event("warning");
  expect(message).toContain("--child-memory 50.0 MB: killed");
});

test("a PHP script serves each client from its stdin and stdout", async () => {
  const path = await script(
    "time.php",
    `<?php
    while (($line = fgets(STDIN)) !== false) {
      $command = trim($line);
      if ($command === "time") echo date("Y/m/d H:i:s"), "\\r\\n";
      elseif ($command === "who") echo getenv("TCPREMOTEPORT"), "\\r\\n";
      elseif ($command === "quit") { echo "quit\\r\\n"; exit; }
      else fwrite(STDERR, "invalid command $command\\n");
    }`,
  );
  await using server = await startServerWithoutPage({ exec: `php ${path}` });
  await using client = await connect(server.port);
  await client.send("time\r\n");
  expect(await client.readUntil("\r\n")).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\r\n$/);
  await client.send("nonsense\r\nwho\r\nquit\r\n");
  const { text, end } = await client.readToEnd();
  expect({ text, end }).toEqual({ text: `${client.port}\r\nquit\r\n`, end: "clean" });
  expect((await server.event("printed")).text).toBe("invalid command nonsense");
});

for (const flag of ["exec", "pty"]) {
  test(`a program that does not exist, or is none, is an error of one line: --${flag}`, async () => {
    const text = join(folder, "text");
    await Bun.write(text, "no program");
    for (const [program, complaint] of [
      ["no-such-program", "no-such-program: no such program in PATH."],
      [`${folder}/none`, `${folder}/none: no such program.`],
      [text, `${text}: ${runsAs} may not execute it.`],
      [folder, `${folder}: no such program.`],
    ] as const) {
      expect(await run(brood("serve", "--port", 0, `--${flag}`, `${program} -x`))).toEqual({
        stdout: "",
        stderr: `brood: --${flag}: ${complaint}\n`,
        exitCode: 2,
      });
    }
  });
}

test("a path is relative to where it was typed", async () => {
  const path = await script("here.sh", "#!/bin/sh\npwd\n");
  for (const flag of ["exec", "pty"]) {
    await using server = await startServerWithoutPage({
      [flag]: relative(ROOT, path),
      directory: "/usr",
    });
    await using client = await connect(server.port);
    expect(await client.readUntil("/usr")).toEndWith("/usr");
  }
});

test("a script that names no interpreter is run by the shell", async () => {
  const path = await script("bare", 'echo "$1 from $0"\n');
  await using server = await startServerWithoutPage({ exec: `${path} hello` });
  await using client = await connect(server.port);
  expect((await client.readToEnd()).text).toBe(`hello from ${path}\n`);
});

test("there are no more processes than clients, and no zombies", async () => {
  await using server = await startServerWithoutPage({ exec: "cat" });
  for (let i = 0; i < 20; i += 1) {
    await using client = await connect(server.port);
    await client.send("x");
    expect(await client.read(1)).toBe("x");
  }
  await untilEqual(() => pstree(server.pid), "server\n");
});
