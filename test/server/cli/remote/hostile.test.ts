/**
 * A server that sends control characters, or JSON that was not asked for: none
 * of it reaches the terminal.
 */
import { expect, test } from "bun:test";
import { brood } from "../../../harness/run.ts";
import { openScreen } from "../../../harness/screen.ts";
import { command } from "./remote.ts";

/**
 * Retitles the terminal, clears it, reverses the text, starts a new line; a C1
 * control, and half a character.
 */
const EVIL = "evil\x1b]2;x\x07\x1b[2J\u202e\t\x9b31m\ud800\r\nsecond";

const child = {
  id: EVIL,
  pid: 1,
  state: EVIL,
  remoteAddress: EVIL,
  remotePort: EVIL,
  startedAt: EVIL,
  lastActiveAt: EVIL,
  source: EVIL,
  bytesIn: 1,
  bytesOut: 1,
  lastCommand: EVIL,
  stopped: false,
  cpuPercent: 1,
  privateBytes: 1,
  residentBytes: 1,
  below: EVIL,
};

const session = {
  ...child,
  endedAt: EVIL,
  reason: EVIL,
  signal: EVIL,
  firstReplyMs: 1,
  requests: 1,
  cpuMs: 1,
  maxResidentBytes: 1,
};

const ANSWERS: Record<string, unknown> = {
  "/api/children": [child],
  "/api/master": { pid: 1, state: EVIL, host: EVIL, service: EVIL, pausedBy: EVIL, until: EVIL },
  "/api/tree": { pid: 1, name: EVIL, children: [] },
  "/api/history": { sessions: [session], next: null },
  "/api/pause": { state: EVIL },
  "/api/children/aaaaaaaa-1": {
    id: EVIL,
    pid: 1,
    signal: EVIL,
    sent: true,
    receipt: { by: EVIL, sent: [EVIL], outcome: EVIL, ms: 1, leftovers: EVIL },
  },
};

function hostileServer() {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/pstree") return new Response(`${EVIL.replace("\n", "")}\n`);
      const answer = ANSWERS[pathname];
      const status = pathname === "/api/pause" ? 202 : 200;
      if (answer !== undefined) return Response.json(answer, { status });
      return Response.json({ error: EVIL }, { status: 500 });
    },
  });
  return { url: `${server.url}`, [Symbol.asyncDispose]: () => server.stop(true) };
}

const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

for (const args of [
  ["ps"],
  ["ps", "--json"],
  ["tree"],
  ["tree", "--json"],
  ["kill", "aaaaaaaa-1"],
  ["kill", "--json", "aaaaaaaa-1"],
  ["kill", "aaaaaaaa-2"],
  ["history"],
  ["history", "--json"],
  ["pause"],
  ["pause", "--json"],
  ["resume"],
  ["drain"],
]) {
  test(`${args.join(" ")} prints it escaped`, async () => {
    await using server = hostileServer();
    const { stdout, stderr } = await command(server, args);
    const all = stdout + stderr;
    expect(all).toContain("evil");
    expect(all).not.toMatch(UNSAFE);
    expect(all).not.toMatch(/^second/m);
    if (stdout !== "" && args.includes("--json")) JSON.parse(stdout);
  });
}

test("the list of IDs for shells has one line and two fields for it", async () => {
  await using server = hostileServer();
  const { stdout } = await command(server, ["completion", "children"]);
  const [line = "", ...more] = stdout.split("\n");
  expect(more).toEqual([""]);
  const fields = line.split("\t");
  expect(fields).toHaveLength(2);
  for (const field of fields) expect(field).not.toMatch(UNSAFE);
});

test("top shows it escaped, in its question too", async () => {
  await using server = hostileServer();
  await using top = openScreen(brood("top", "--url", server.url), { columns: 200 });
  await top.shows("evil");
  top.type("j");
  top.type("K");
  await top.shows("y/n");
  expect(top.lines().join("")).not.toMatch(UNSAFE);
  const own = /\x1b\[[?\d;]*[a-zA-Z]/g; // oxlint-disable-line no-control-regex
  expect(top.raw.replace(own, "")).not.toMatch(UNSAFE);
  top.type("y");
  await top.shows(/^PID 1: .*500.*evil/);
  top.type("q");
  expect(await top.exited()).toBe(0);
});

test("unexpected JSON is one line, and exit status 1", async () => {
  for (const answer of [
    null,
    1,
    "x",
    [],
    {},
    [null],
    [{ id: 1 }],
    { sessions: [1] },
    { pid: "1" },
  ]) {
    await using server = (() => {
      const serving = Bun.serve({
        hostname: "127.0.0.1",
        port: 0,
        fetch: () => Response.json(answer),
      });
      return { url: `${serving.url}`, [Symbol.asyncDispose]: () => serving.stop(true) };
    })();
    for (const args of [["ps"], ["tree", "--json"], ["history"], ["pause"], ["kill", "a-1"]]) {
      if (Array.isArray(answer) && answer.length === 0 && args[0] === "ps") continue; // there are no children
      const { stdout, stderr, exitCode } = await command(server, args);
      expect([args, answer, stdout, exitCode]).toEqual([args, answer, "", 1]);
      expect(stderr).toMatch(/^brood: http:[^\n]+\n$/);
    }
  }
});
