/** `--pty`: each client has a terminal. With the real telnet, and a person at its keyboard. */
import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readChildren, readProcess } from "../../../../shared/proc.ts";
import { connect } from "../../../harness/connect.ts";
import { isRunning, readMemory } from "../../../harness/processes.ts";
import { run } from "../../../harness/run.ts";
import { type Server, startServer, startServerWithoutPage } from "../../../harness/server.ts";
import { openTerminal, type Terminal } from "../../../harness/terminal.ts";
import { until, untilStill } from "../../../harness/until.ts";

/** A shell that prints nothing but its prompt. */
const SHELL = "bash --norc --noprofile -i";
const PROMPT = /[$#] /;

const [IAC, WILL, DO, SB, SE] = ["\xff", "\xfb", "\xfd", "\xfa", "\xf0"] as const;
const [TTYPE, NAWS] = ["\x18", "\x1f"] as const;

/** What a telnet with a window of 80 × 24 sends about itself. */
const TELNET =
  `${IAC}${WILL}${NAWS}${IAC}${SB}${NAWS}\0\x50\0\x18${IAC}${SE}` +
  `${IAC}${WILL}${TTYPE}${IAC}${SB}${TTYPE}\0VT100${IAC}${SE}`;

async function telnet(server: Server): Promise<Terminal> {
  const terminal = openTerminal(["telnet", "127.0.0.1", `${server.port}`], { term: "xterm" });
  await terminal.shows(PROMPT);
  return terminal;
}

/** Waits until the tree has this at the end of a line. */
async function untilRuns(server: Server, branch: string): Promise<void> {
  const tree = async () => (await fetch(`${server.url}pstree`)).text();
  await until(async () => (await tree()).includes(`${branch}\n`), `${branch} runs`);
}

test("telnet into a shell: its window, its terminal, an interrupt, every character, the end", async () => {
  await using server = await startServer({ pty: SHELL });
  const { what, to } = await server.event("exposed");
  expect(what).toStartWith(`each client gets ${SHELL} as a user of its own, unencrypted`);
  expect(to).toBe(`anyone who can reach 127.0.0.1:${server.port}, on this machine only`);
  await using terminal = await telnet(server);
  terminal.type("stty size; echo $TERM; tty\r");
  await terminal.shows(/50 200\nxterm\n\/dev\/pts\/\d+\n/);
  terminal.resize(101, 31);
  await until(async () => {
    terminal.type("stty size\r");
    await terminal.shows(/\d+ \d+\n/);
    return terminal.screen.includes("31 101\n");
  }, "the shell's window follows telnet's");
  terminal.type("echo gr\u00fc\u00dfe \ud55c\r");
  await terminal.shows("grüße 한\n");
  await terminal.shows("grüße 한\n");
  terminal.type("sleep 1000\r");
  await terminal.shows("sleep 1000\n");
  await untilRuns(server, "bash---sleep");
  terminal.type("\x03");
  await terminal.shows("^C\n");
  terminal.type("exit 3\r");
  await terminal.shows("Connection closed by foreign host.\n");
  expect(await server.event("ended")).toMatchObject({ reason: "program ended", exitCode: 0 });
  expect((await server.event("printed")).text).toBe("the program ended: exit status 3");
});

test("a program knows its user", async () => {
  const pty = "sh -c 'echo $USER $LOGNAME $HOME; id -un'";
  const runAs = process.getuid?.() === 0 ? "nobody" : "";
  await using server = await startServerWithoutPage({ pty, user: runAs });
  await using client = await connect(server.port);
  const { text } = await client.readToEnd();
  const [user = "", logname, home, name] = text.slice(text.search(/[a-z]/)).trim().split(/\s+/);
  expect({ logname, name }).toEqual({ logname: user, name: user });
  expect((await run(["getent", "passwd", user])).stdout).toContain(`:${home}:`);
});

test.if(process.getuid?.() === 0)("a program with a user of its own knows its number", async () => {
  const pty = "sh -c 'echo u$USER $LOGNAME $HOME; id -u'";
  await using server = await startServerWithoutPage({ pty });
  await using client = await connect(server.port);
  const { text } = await client.readToEnd();
  const [user, logname, home, uid] = text
    .slice(text.search(/u\d/) + 1)
    .trim()
    .split(/\s+/);
  expect(Number(uid)).toBeGreaterThanOrEqual(1_879_048_192);
  expect({ user, logname, home }).toEqual({ user: uid, logname: uid, home: "/" });
});

test("a terminal that has discarded what was typed takes what is typed after that", async () => {
  await using server = await startServerWithoutPage({ pty: SHELL });
  await using client = await connect(server.port);
  await client.send(TELNET);
  await client.readUntil("$ "); // earlier an interrupt would end the shell
  await client.send(`${"\x03".repeat(40_000)}\recho a$((1+1))z\r`);
  await client.readUntil("a2z\r\n");
});

test("vim writes what was typed, top shows processes, and the tree shows them below the child", async () => {
  const folder = mkdtempSync(join(tmpdir(), "brood-vim-"));
  chmodSync(folder, 0o777); // children may run as a different user
  try {
    await using server = await startServer({ pty: SHELL });
    await using terminal = await telnet(server);
    const file = join(folder, "text");
    await Bun.write(file, "");
    chmodSync(file, 0o666);
    terminal.type(`vim -u NONE ${file}\r`);
    await untilRuns(server, "---server---server---bash---vim");
    expect(await (await fetch(server.url)).text()).toContain(">bash---vim</td>");
    terminal.type("ihello from telnet\x1b:wq\r");
    // Vim may replace the file by another one, and there is none in between.
    const text = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
    await until(() => text() === "hello from telnet\n", "vim has written");
    await terminal.shows(PROMPT);
    terminal.type("top -d 1\r");
    await terminal.shows("load average");
    terminal.type("q");
    await terminal.shows(PROMPT);
    terminal.type("exit\r");
    await terminal.exited();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("telnet's interrupt, sent as urgent data, is an interrupt and swallows no key", async () => {
  await using server = await startServerWithoutPage({ pty: SHELL });
  await using terminal = await telnet(server);
  for (const [command, interrupts] of [
    ["send ip", true],
    ["send synch", false],
    ["send brk", true],
  ] as const) {
    terminal.type("\x1d");
    await terminal.shows("telnet> ");
    terminal.type(`${command}\r`);
    await terminal.shows(`${command}\n`);
    // A shell discards what is typed before its prompt is back.
    if (interrupts) await terminal.shows(PROMPT);
    terminal.type("echo a$((1+1))z\r");
    await terminal.shows("a2z\n");
    await terminal.shows(PROMPT);
  }
  terminal.type("\x1d");
  await terminal.shows("telnet> ");
  terminal.type("send ayt\r");
  await terminal.shows("[yes]");
});

test("a client without telnet gets the program, too", async () => {
  await using server = await startServerWithoutPage({ pty: "sh -c 'echo $TERM; stty size; cat'" });
  await using client = await connect(server.port);
  expect(await client.readUntil("24 80\r\n")).toEndWith("dumb\r\n24 80\r\n");
  await client.send("hello\r");
  expect(await client.readUntil("hello\r\nhello\r\n")).toBe("hello\r\nhello\r\n");
});

test("every byte gets through, in both directions", async () => {
  const program = "stty raw -echo; printf ready; cat";
  await using server = await startServerWithoutPage({ pty: `sh -c '${program}'` });
  await using client = await connect(server.port);
  // Binary mode, in both directions.
  await client.send(`${TELNET}${IAC}${WILL}\0${IAC}${DO}\0`);
  await client.readUntil("ready");
  const all = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");
  const escaped = all.replace("\xff", "\xff\xff");
  await client.send(escaped.repeat(100));
  expect(await client.read(25_700)).toBe(escaped.repeat(100));
});

test("a program whose client does not read waits until it reads again", async () => {
  const lines = 3_000_000;
  await using server = await startServerWithoutPage({ pty: `seq ${lines}` });
  await using client = await connect(server.port);
  client.pause();
  await client.send(TELNET);
  const { pid } = await server.event("serving");
  await until(() => readChildren(pid).length > 0, "the program runs");
  const memory = await untilStill(() => readMemory(pid).private, "the child's memory");
  expect(memory).toBeLessThan(40e6);
  client.resume();
  const { text, end } = await client.readToEnd();
  expect(end).toBe("clean");
  const shown = text.slice(text.indexOf("1\r")).replaceAll("\r\0", "\r");
  expect(shown === Array.from({ length: lines }, (_, i) => `${i + 1}\r\n`).join("")).toBe(true);
});

test("a program whose client does not read is held again when something releases its terminal", async () => {
  const release = `sub { tcflow 1, TCOON; exec "sleep", 1000 }`;
  const perl = `fork or exec "yes"; $SIG{USR1} = ${release}; sleep 1000 while 1`;
  await using server = await startServerWithoutPage({ pty: `perl -MPOSIX -e '${perl}'` });
  await using client = await connect(server.port);
  client.pause();
  await client.send(TELNET);
  const { pid } = await server.event("serving");
  const program = await until(() => readChildren(pid)[0], "the program runs");
  await untilStill(() => readMemory(pid).private, "the child's memory");
  process.kill(program, "SIGUSR1");
  await until(() => readProcess(program)?.comm === "sleep", "it has released its terminal");
  expect(await untilStill(() => readMemory(pid).private, "the child's memory")).toBeLessThan(40e6);
});

test("a session ends with its program, though another still writes to the terminal", async () => {
  const chatty = "while :; do echo x; sleep 0.05; done";
  await using server = await startServerWithoutPage({
    pty: `sh -c 'trap "" HUP; (${chatty}) & echo last'`,
  });
  await using client = await connect(server.port);
  await client.send(TELNET);
  expect((await client.readToEnd()).text).toContain("last\r\n");
  expect(await server.event("ended")).toMatchObject({ reason: "program ended" });
});

test("a client that types into a program that does not read is not read from", async () => {
  await using server = await startServerWithoutPage({
    pty: "sh -c 'stty raw -echo; printf ready; sleep 1000'",
  });
  await using client = await connect(server.port);
  await client.send(TELNET);
  await client.readUntil("ready");
  const { pid } = await server.event("serving");
  const chunk = "x".repeat(100_000);
  let stuck = 0;
  await until(() => {
    stuck = client.sendSome(chunk) === 0 ? stuck + 1 : 0;
    return stuck > 20;
  }, "the child reads no more");
  expect(readMemory(pid).private).toBeLessThan(40e6);
});

/** A shell with a process that ignores hang-ups and TERM, in a session of its own. */
const STUBBORN = `bash -c 'trap "" HUP TERM; setsid bash -c "trap \\"\\" HUP TERM; echo \\$\\$ pid; sleep 1000; :"; :'`;

for (const [how, act] of [
  ["killed", async (server, id) => void (await remove(server, id, "KILL"))],
  ["sent TERM", async (server, id) => void (await remove(server, id, "TERM"))],
  ["left by its client", async (_server, _id, client) => client.close()],
  ["ended with the server", async (server) => void (await server.stop())],
] as [string, (server: Server, id: string, client: { close(): void }) => Promise<void>][]) {
  test(`a terminal that is ${how} leaves nothing behind, whatever signals its programs ignore`, async () => {
    await using server = await startServer({ pty: STUBBORN });
    await using client = await connect(server.port);
    await client.send(TELNET);
    const said = await client.readUntil(" pid\r\n");
    const stubborn = Number(/(\d+) pid/.exec(said)?.[1]);
    expect(isRunning(stubborn)).toBe(true);
    const { id, pid } = await server.event("serving");
    await act(server, id, client);
    await until(() => !isRunning(pid) && !isRunning(stubborn), "all of it has ended");
  });
}

test("what a program leaves behind ends with its client, and is no zombie until then", async () => {
  await using server = await startServerWithoutPage({ pty: SHELL });
  await using client = await connect(server.port);
  await client.send(TELNET);
  await client.send("(setsid sleep 1000 & echo $! left); (setsid true & echo $! gone)\r");
  const left = Number(/(\d+) left\r\n/.exec(await client.readUntil(" left\r\n"))?.[1]);
  const gone = Number(/(\d+) gone\r\n/.exec(await client.readUntil(" gone\r\n"))?.[1]);
  const { pid } = await server.event("serving");
  await until(() => readChildren(pid).includes(left), "the child has adopted it");
  await until(() => !existsSync(`/proc/${gone}`), "the other has been reaped");
  await client.send("exit\r");
  await client.readToEnd();
  await until(() => !isRunning(left), "it has ended");
  expect(await server.event("ended")).toMatchObject({ reason: "program ended", exitCode: 0 });
});

test("with --orphans leave, what runs in terminals ends with a master that was killed", async () => {
  await using server = await startServerWithoutPage({ pty: STUBBORN, orphans: "leave" });
  await using client = await connect(server.port);
  await client.send(TELNET);
  const stubborn = Number(/(\d+) pid/.exec(await client.readUntil(" pid\r\n"))?.[1]);
  const { pid } = await server.event("serving");
  server.signal("SIGKILL");
  await server.exited();
  await until(() => !isRunning(pid) && !isRunning(stubborn), "all of it has ended");
  await server.stop();
});

async function remove(server: Server, id: string, signal: string): Promise<void> {
  const url = `${server.url}api/children/${id}?signal=${signal}`;
  const { status } = await fetch(url, { method: "DELETE" });
  expect(status).toBe(202);
}

test("a program that is gone is reported to the client and in the log", async () => {
  const folder = mkdtempSync(join(tmpdir(), "brood-program-"));
  const program = join(folder, "program");
  await Bun.write(program, "#!/bin/sh\necho there\n");
  chmodSync(program, 0o755);
  const user = process.getuid?.() ?? 0;
  await using server = await startServerWithoutPage({ pty: program, user });
  await using first = await connect(server.port);
  await first.send(TELNET);
  expect((await first.readToEnd()).text).toEndWith("there\r\n");
  rmSync(folder, { recursive: true });
  await using second = await connect(server.port);
  await second.send(TELNET);
  expect((await second.readToEnd()).text).toEndWith("the program could not be started\r\n");
  expect((await server.event("printed")).text).toContain("ENOENT");
});
