/** What the console shows, and what a start that fails prints. */
import { describe, expect, test } from "bun:test";
import { connect } from "../../harness/connect.ts";
import { brood, run } from "../../harness/run.ts";
import { startServer, startServerWithoutPage } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { UNSAFE } from "../child/inputs.ts";

describe("a start that fails says why in one line on stderr", () => {
  for (const [args, exitCode, line] of [
    [["serve", "--colour", "red"], 2, /--colour/],
    [["serve", "--max-clients", "many"], 2, /--max-clients: "many" is not a number/],
    [["serve", "--port", "65536"], 2, /--port: "65536" is not a port/],
    [["serve", "--port"], 2, /--port/],
    [["serve", "--log", "xml"], 2, /--log: "xml" is not pretty, tutorial or json\.$/m],
    [["serve", "--idle-timeout", "soon"], 2, /--idle-timeout: "soon" is not a time/],
    [["serve", "--dashboard", "80"], 2, /--dashboard: "80" is not HOST:PORT or off/],
    [["serve", "--dashboard", "0.0.0.0:0"], 2, /BROOD_DASHBOARD_PASSWORD/],
    [["serve", "--service", "chess"], 2, /--service: "chess"/],
    [["serve", "here"], 2, /here/],
    [["fly"], 2, /fly: no such command/],
    [["child"], 2, /children are started by the server/],
    [["serve", "--config", "/not/there"], 2, /--config \/not\/there: no such file\.$/m],
    [["serve", "--deny", "10.1.2.3/8"], 2, /--deny: "10.1.2.3\/8" is not a network/],
    [
      ["serve", "--port", "0", "--dashboard", "off", "--host", "192.0.2.1"],
      1,
      /192\.0\.2\.1:0: this machine has no such/,
    ],
    [["serve", "--port", "0", "--dashboard", "192.0.2.1:0"], 2, /BROOD_DASHBOARD_PASSWORD/],
  ] as const) {
    test(`${args.join(" ")}: exit status ${exitCode}`, async () => {
      const outcome = await run(brood(...args));
      expect(outcome.stderr).toMatch(/^brood: [^\n]+\n$/);
      expect(outcome.stderr).toMatch(line);
      expect(outcome.stdout).toBe("");
      expect(outcome.exitCode).toBe(exitCode);
    });
  }

  test("a bad value in the environment is reported in the same way", async () => {
    const outcome = await run(brood("serve"), { env: { BROOD_PORT: "high" } });
    expect(outcome).toMatchObject({ stdout: "", exitCode: 2 });
    expect(outcome.stderr).toMatch(/^brood: [^\n]*"high" is not a port[^\n]*\n$/);
  });

  test("the clients' port is in use: exit status 1, and nothing was started", async () => {
    await using server = await startServerWithoutPage();
    const flags = ["--dashboard", "off", "--spares", "2"];
    const outcome = await run(brood("serve", "--port", server.port, ...flags));
    expect(outcome.stderr).toBe(
      `brood: listen 127.0.0.1:${server.port}: address in use. ` +
        "Is another server running there? Try --port 0.\n",
    );
    expect(outcome).toMatchObject({ stdout: "", exitCode: 1 });
  });

  test("there is no directory for temporary files: exit status 1", async () => {
    const outcome = await run(brood("serve", "--port", "0", "--exec", "cat"), {
      env: { TMPDIR: "/not/there" },
    });
    expect(outcome).toMatchObject({ stdout: "", exitCode: 1 });
    expect(outcome.stderr).toMatch(/^brood: ENOENT[^\n]*\/not\/there[^\n]*\n$/);
  });

  test("the page's port is in use: exit status 1", async () => {
    await using server = await startServer();
    const { host } = new URL(server.url);
    const args = ["serve", "--port", "0", "--dashboard", host, "--log", "json"];
    const outcome = await run(brood(...args));
    expect(outcome.stderr).toMatch(
      /^brood: listen [^\n]+: address in use\.[^\n]* Try --dashboard [^\n]*:0\.\n$/,
    );
    expect(outcome.exitCode).toBe(1);
  });
});

describe("the start shows how to be a client and where the page is", () => {
  test("--log pretty: on stdout", async () => {
    await using server = await startServer({ log: "pretty" });
    expect(server.stdout).toContain(`  telnet 127.0.0.1 ${server.port}\n  ${server.url}\n`);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect((await fetch(server.url)).status).toBe(200);
  });

  test("--log tutorial: on stderr, because stdout has only the tutorial's lines", async () => {
    await using server = await startServer({ log: "tutorial" });
    expect(server.stderr).toContain(`  telnet 127.0.0.1 ${server.port}\n  ${server.url}\n`);
    expect(server.stdout).toBe("");
  });

  test("--log json: the first line is the contract's", async () => {
    await using server = await startServer();
    const [line = ""] = server.stdout.split("\n");
    expect(JSON.parse(line)).toMatchObject({
      event: "listening",
      host: "127.0.0.1",
      port: server.port,
      dashboard: server.url,
      pid: server.pid,
    });
  });

  test("without a page it says so", async () => {
    await using json = await startServer({ dashboard: "off" });
    expect(json.log[0]).toMatchObject({ event: "listening", dashboard: null });
    await using pretty = await startServer({ dashboard: "off", log: "pretty" });
    expect(pretty.stdout).toContain("--dashboard off");
  });
});

test("--log pretty shows the PID, the session and why it ended", async () => {
  await using server = await startServerWithoutPage({ log: "pretty" });
  await using client = await connect(server.port);
  await client.send("quit\n");
  await client.readToEnd();
  await server.prints("ended: quit");
  const [, pid, id] = /(\d+) {2}(\S+) +127\.0\.0\.1:\d+ {2}ended: quit/.exec(server.stdout) ?? [];
  expect(Number(pid)).toBeGreaterThan(0);
  expect(id).toMatch(/^[0-9a-z]+-1$/);
});

const HOSTILE: Record<string, string> = {
  "an escape sequence that sets the title": "\x1b]0;owned\x07",
  "an escape sequence that clears the screen": "\x1b[2J\x1b[H",
  "a return that would overwrite the line": "harmless\rSERVER >> fork\r\0",
  "a line that looks like the log's own": "x\nSERVER >> client connect : 6.6.6.6:666",
  "backspaces and a bell": "x\b\b\b\x07\x7f",
  "C1 controls as bytes": "\x9b2J\x90\x9c",
  "C1 controls as UTF-8": "\xc2\x9b2J",
  "a bidi override as UTF-8": "\xe2\x80\xae gpj.exe",
  "line and paragraph separators": "a\xe2\x80\xa8b\xe2\x80\xa9c",
  "broken UTF-8": "\xe2\x80\xc0\xaf\xed\xa0\x80\xf5\xff\xff",
  "NUL and the other controls": Array.from({ length: 32 }, (_, c) => String.fromCharCode(c)).join(
    "",
  ),
  "a command cut in the middle of a character": "tim\xe2\x80\xae",
};

for (const log of ["pretty", "tutorial", "json"] as const) {
  test(`--log ${log} prints no control byte of a client on the terminal`, async () => {
    await using server = await startServerWithoutPage({ log });
    for (const bytes of Object.values(HOSTILE)) {
      await using client = await connect(server.port);
      await client.send(`${bytes}\n${"y".repeat(5000)}${bytes}\nquit\n`);
      expect(await client.readToEnd()).toMatchObject({ end: "clean" });
    }
    const count = Object.keys(HOSTILE).length;
    const last = { pretty: "ended: quit", tutorial: ") quit request", json: '"reason":"quit"' }[
      log
    ];
    await until(() => server.stdout.split(last).length > count, `${count} clients are logged`);
    expect(server.stdout).not.toMatch(UNSAFE);
    expect(server.stderr).not.toMatch(UNSAFE);
    expect(server.stdout).not.toContain("\nSERVER >> client connect : 6.6.6.6");
  });
}

test("hostile text stays readable: what is unsafe is escaped, other UTF-8 is not", async () => {
  await using server = await startServerWithoutPage({ log: "tutorial" });
  await using client = await connect(server.port);
  await client.send("\x1b[2J\xed\x95\x9c\xea\xb8\x80\xe2\x80\xae\\\n");
  await server.prints("SERVER >> recive data : \\x1b[2J한글\\u{202e}\\\\\n");
  await server.prints(`SERVER >> client(${client.port}) invalid command \\x1b[2J\n`);
});

test("--help shows every flag and its default", async () => {
  const { stdout, stderr, exitCode } = await run(brood("--help"));
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  for (const flag of [
    "--host",
    "--port",
    "--dashboard",
    "--max-clients",
    "--idle-timeout",
    "--log",
  ]) {
    expect(stdout).toContain(`  ${flag} `);
  }
  expect(stdout).toContain("(65000)");
  expect(await run(brood("serve", "--help"))).toMatchObject({ stdout, exitCode: 0 });
});
