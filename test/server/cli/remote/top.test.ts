/** `brood top`, as a person at a terminal sees and uses it. */
import { expect, test } from "bun:test";
import { createKeyReader } from "../../../../server/cli/remote/keys.ts";
import {
  type ServedClient,
  connectServed,
  connectManyServed,
} from "../../../harness/served-client.ts";
import { brood, readText, run } from "../../../harness/run.ts";
import { openScreen, type Size } from "../../../harness/screen.ts";
import { type Server, startServer } from "../../../harness/server.ts";
import { until, untilEqual } from "../../../harness/until.ts";
import { command } from "./remote.ts";

/** Starts it with a short interval and waits until it shows the list. */
async function openTop(server: Pick<Server, "url">, args: readonly string[] = [], size: Size = {}) {
  const cmd = brood("top", "--url", server.url, "--every", "200ms", ...args);
  const screen = openScreen(cmd, size);
  await screen.shows(/^ +PID /);
  return screen;
}

type Top = Awaited<ReturnType<typeof openTop>>;

/** The PIDs of the rows, in order. */
function pidsOf(top: Top): number[] {
  return top.lines().flatMap((line) => /^ *(\d+)  /.exec(line)?.slice(1).map(Number) ?? []);
}

const pid = (served: ServedClient | undefined) => served?.pid ?? 0;

const KEYS = /^↓↑ select {2}K kill/;

test("at 80 × 24 it shows the server, its children and its keys, and q restores the terminal", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 3);
  await servedClients.all[0]?.askTime();
  await server.event("request");
  await using top = await openTop(server);
  expect(top.isOwn).toBe(true);
  const [first, second, third, fourth, titles, ...rows] = top.lines();
  expect(first).toMatch(
    new RegExp(`^brood 127.0.0.1:${server.port} {2}accepting {2}up \\d+s {2}PID ${server.pid}$`),
  );
  expect(second).toBe("live 3 of 1000, peak 3  accepted 3  refused 0  waiting 0");
  expect(third).toMatch(/^children cpu \d+\.\d% {2}mem [\d.]+M {2}in 4 {2}out 19 {2}time$/);
  expect(fourth).toBe("3 children, by cpu");
  expect(titles?.trim().split(/ +/)).toEqual([
    "PID",
    "CLIENT",
    "AGE",
    "IDLE",
    "CPU%",
    "MEM",
    "STATE",
    "COMMAND",
  ]);
  expect(rows.slice(0, 3).join("\n")).toMatch(
    / 127\.0\.0\.1:\d+ +\d+s +\d+s +\d+\.\d +[\d.]+M {2}serving {3}(-|time)(\n|$)/,
  );
  expect(rows.at(-1)).toMatch(KEYS);
  expect(pidsOf(top).toSorted()).toEqual(servedClients.all.map(pid).toSorted());
  top.type("q");
  expect(await top.exited()).toBe(0);
  await until(() => !top.isOwn, "the shell's screen is back");
});

test("it sorts, reverses, and filters while one types", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 3);
  const [first, second, third] = servedClients.all.map(pid);
  await servedClients.all[1]?.askTime();
  await server.event("request");
  await using top = await openTop(server, ["--sort", "since"]);
  const order = (...pids: (number | undefined)[]) =>
    untilEqual<(number | undefined)[]>(() => pidsOf(top), pids);
  await order(first, second, third);
  top.type("r");
  await order(third, second, first);
  await top.shows("3 children, by since, reversed");
  top.type("t");
  await order(first, second, third);
  top.type("/tima");
  await top.shows("Filter: tima");
  await order();
  top.type("\x7fe");
  await order(second);
  top.type("\r");
  await top.shows(KEYS);
  await top.shows('1 child, with "time", by since');
  top.type("/\x15");
  await order(first, second, third);
  top.type("\x1b"); // the old one is back
  await order(second);
  for (const [key, sort] of [
    ["c", "cpu"],
    ["m", "memory"],
    ["i", "idle"],
  ] as const) {
    top.type(key);
    await top.shows(`by ${sort}`);
  }
});

test("K asks before it kills and names the child; y kills, any other key does not", async () => {
  await using server = await startServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using top = await openTop(server, ["--sort", "since"]);
  top.type("K");
  await top.shows("select a child first");
  top.type("j");
  await until(() => top.reversed()?.includes(`${first.pid}`), "the first one is selected");
  top.type("\x1b[B"); // down
  await until(() => top.reversed()?.includes(`${second.pid}`), "the second one is selected");

  const question = `y/n: send TERM to PID ${second.pid}, client ${second.address}?`;
  for (const no of ["n", "\r", "\x1b", "q", " "]) {
    top.type("K");
    await top.shows(question);
    top.type(no);
    await top.hides(question);
  }
  // Keys typed or pasted ahead do not answer a question that nobody has seen.
  top.type("Ky");
  await top.shows(question);
  top.type("\x1b[200~y\x1b[201~");
  top.type("n");
  await top.hides(question);
  expect(server.events("signal sent")).toEqual([]);

  top.type("K");
  await top.shows(question);
  top.type("y");
  await top.shows(new RegExp(`^PID ${second.pid}: TERM sent, gone after \\d+(?: ms|\\.\\d s)$`));
  expect(await server.event("ended")).toMatchObject({
    id: second.id,
    reason: "killed by operator",
  });
  await untilEqual(() => pidsOf(top), [first.pid]);
  await first.askTime();
});

test("KILL follows if TERM does not help, and a child that has ended is reported as ended", async () => {
  await using server = await startServer();
  await using stopped = await connectServed(server);
  await using leaving = await connectServed(server);
  await stopped.freeze();
  await using top = await openTop(server, ["--sort", "since"]);
  top.type("j");
  await until(() => top.reversed() !== null, "one is selected");
  top.type("K");
  await top.shows("y/n");
  top.type("y");
  await top.shows(/TERM sent, then KILL, gone after (?:[5-9]|\d\d+)\.\d s/);

  top.type("j");
  await until(() => top.reversed()?.includes(`${leaving.pid}`), "the other is selected");
  top.type("K");
  await top.shows("y/n");
  await leaving.quit();
  await server.event("ended", ({ id }) => id === leaving.id);
  top.type("y");
  await top.shows(`PID ${leaving.pid}: already ended, nothing was sent`);
});

test("frozen, nothing changes until it goes on", async () => {
  await using server = await startServer();
  await using top = await openTop(server);
  top.type("p");
  await top.shows("frozen");
  await using _guest = await connectServed(server);
  const { stdout } = await command(server, ["ps", "--no-header"]); // the server knows of it
  expect(stdout).not.toBe("");
  await top.shows("live 0 of");
  top.type("p");
  await top.shows("live 1 of");
});

test("it fits any size: rows scroll, a wide screen has all columns, a tiny one its last line", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 6);
  await using top = await openTop(server, ["--sort", "since"], { columns: 60, rows: 9 });
  const pids = servedClients.all.map(pid);
  expect(pidsOf(top)).toEqual(pids.slice(0, 3));
  top.type("jjjj");
  await untilEqual(() => pidsOf(top), pids.slice(1, 4));
  top.type("G");
  await untilEqual(() => pidsOf(top), pids.slice(3));
  top.type("g");
  await untilEqual(() => pidsOf(top), pids.slice(0, 3));
  top.resize(140, 30);
  await top.shows(/ID {3,}CLIENT .* IN +OUT {2}STATE +COMMAND$/);
  await untilEqual(() => pidsOf(top), pids);
  top.resize(20, 3);
  await until(() => top.lines()[2] === "↓↑ select  K kill  /", "the keys are in the last line");
  expect(top.lines()[0]).toStartWith("brood 127.0.0.1:");
  top.resize(80, 24);
  await untilEqual(() => pidsOf(top), pids);
});

test("what clients send reaches the terminal readably, however wide, and as nothing else", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await served.client.send("\x1b]2;owned\x07\x1b[31m\xc2\x9b\n");
  await using korean = await connectServed(server);
  await korean.client.send("\xed\x95\x9c\xea\xb8\x80".repeat(3) + "\n");
  await until(() => server.events("request").length === 2, "both are logged");
  await using top = await openTop(server);
  await top.shows("\\x1b]2;");
  const line = await top.shows("한");
  expect(line).toContain(" serving ");
  const own = /\x1b(?:\[[?\d;]*[a-zA-Z])/g; // oxlint-disable-line no-control-regex
  expect(top.raw.replace(own, "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(top.raw).not.toContain("\x1b[31m");
});

test("a server that goes away is reported and waited for, and a new one is shown", async () => {
  const before = await startServer();
  await using top = await openTop(before);
  const { port } = new URL(before.url);
  await before.stop();
  await top.shows(/^reconnecting: http:\S+ connection refused/);
  await using after = await startServer({ port: before.port, dashboard: `127.0.0.1:${port}` });
  await using served = await connectServed(after);
  await untilEqual(() => pidsOf(top), [served.pid]);
  await top.hides("reconnecting");
  top.type("q");
  expect(await top.exited()).toBe(0);
});

test("one can quit while the server hangs", async () => {
  await using server = await startServer();
  await using top = await openTop(server);
  process.kill(server.pid, "SIGSTOP");
  try {
    top.type("r");
    top.type("q");
    expect(await top.exited()).toBe(0);
  } finally {
    process.kill(server.pid, "SIGCONT");
  }
});

for (const [signal, status] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
  ["SIGHUP", 129],
  ["SIGQUIT", 131],
] as const) {
  test(`${signal} ends it, and the terminal is restored`, async () => {
    await using server = await startServer();
    await using top = await openTop(server);
    process.kill(top.pid, signal);
    expect(await top.exited()).toBe(status);
    await until(() => !top.isOwn, "the shell's screen is back");
    expect(top.raw).toEndWith("\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l");
  });
}

test("a shell gets its terminal back as it was, at the end and while top is suspended", async () => {
  await using server = await startServer();
  const env = { PS1: "shell$ ", BROOD_URL: server.url };
  await using shell = openScreen(["bash", "--norc", "--noprofile", "-i"], {}, env);
  await shell.shows("shell$");
  shell.type("stty -g > /dev/null; modes=$(stty -g)\r");
  shell.type(`${brood("top", "--every", "200ms").join(" ")}\r`);
  await shell.shows(/^ +PID /);
  expect(shell.isOwn).toBe(true);
  shell.type("\x1a");
  await shell.shows("Stopped");
  expect(shell.isOwn).toBe(false);
  shell.type('[ "$modes" = "$(stty -g)" ] && echo as it w""as\r');
  await shell.shows(/^as it was$/);
  shell.type("clear; fg\r");
  await shell.shows(/^ +PID /);
  expect(shell.isOwn).toBe(true);
  shell.type("\x03");
  await shell.shows("shell$");
  expect(shell.isOwn).toBe(false);
  shell.type('clear; [ "$modes" = "$(stty -g)" ] && echo as it w""as $?\r');
  await shell.shows(/^as it was 0$/);
});

test("closing the window ends it", async () => {
  await using server = await startServer();
  await using top = await openTop(server);
  top.close();
  await top.exited();
});

test("--json prints an object per line, through an outage too", async () => {
  const before = await startServer();
  await using served = await connectServed(before);
  await using child = Bun.spawn(brood("top", "--json", "--every", "200ms", "--url", before.url), {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  void readText(child.stdout, (text) => void (stdout += text));
  void readText(child.stderr, (text) => void (stderr += text));
  const samples = () =>
    stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown);
  await until(() => samples().length >= 2, "there are two");
  expect(samples()[0]).toMatchObject({ at: expect.any(Number), children: [{ id: served.id }] });
  expect(samples()[0]).toMatchObject({ master: { pid: before.pid, live: 1 } });
  const { port } = new URL(before.url);
  await before.stop();
  await until(() => stderr !== "", "the outage is reported");
  await using after = await startServer({ dashboard: `127.0.0.1:${port}` });
  await until(() => {
    const last = samples().at(-1) as { master: { pid: number } };
    return last.master.pid === after.pid;
  }, "it goes on with the new one");
  expect(stderr).toMatch(/^brood: http:[^\n]+ connection refused[^\n]+\n$/);
  child.kill();
});

test("an error at the start is one line, without a screen", async () => {
  const env = { BROOD_DASHBOARD_PASSWORD: "secret" };
  await using server = await startServer({}, { env });
  await using top = openScreen(brood("top", "--url", server.url));
  expect(await top.exited()).toBe(1);
  await top.shows(/requires a password: set BROOD_DASHBOARD_PASSWORD/);
  expect(top.raw).not.toContain("\x1b");
  const piped = await run(brood("top", "--url", server.url));
  expect(piped).toEqual({
    stdout: "",
    stderr: "brood: top needs a terminal. Try top --json, or ps.\n",
    exitCode: 1,
  });
  for (const every of ["0", "1", "10ms", "often"]) {
    const { stderr, exitCode } = await run(brood("top", "--every", every));
    expect(stderr).toMatch(/^brood: --every: [^\n]+\n$/);
    expect(exitCode).toBe(2);
  }
});

test("keys are told apart however they arrive, and a paste is no key", () => {
  const read = createKeyReader();
  const key = (...keys: string[]) => keys.map((key) => ({ key }));
  expect(read("jK\x1b[A\x1bOB\x1b[6~한\x1b")).toEqual(
    key("j", "K", "\x1b[A", "\x1bOB", "\x1b[6~", "한", "\x1b"),
  );
  expect(read("a\x1b[200~Ky")).toEqual(key("a"));
  expect(read("q\x03\x1b[20")).toEqual([]);
  expect(read("1~j")).toEqual([{ pasted: "Kyq\x03" }, ...key("j")]);
  expect(read(`\x1b[200~${"y".repeat(10_000)}`)).toEqual([]);
  const [long] = read("\x1b[201~");
  expect(long).toEqual({ pasted: "y".repeat(1000) });
});
