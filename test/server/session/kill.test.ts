/**
 * TERM, then KILL for a child that ignores it: what is sent, to which
 * processes, and what the log says.
 */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type ProcessExit, startProcess } from "../../../server/handover/processes.ts";
import { descendantsOf, startTicksOf } from "../../../server/os/descendants.ts";
import { signalProcessGroup } from "../../../server/os/process-group.ts";
import { sendSignal } from "../../../server/session/kill.ts";
import type { Session, SessionChild } from "../../../server/session/session.ts";
import { escapeText } from "../../../shared/escape.ts";
import { readProcess } from "../../../shared/proc.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import { type ServedClient, connectServed } from "../../harness/served-client.ts";
import { select } from "../../dashboard/markup.ts";
import { post, request } from "../../dashboard/request.ts";
import { isRunning } from "../../harness/processes.ts";
import { run } from "../../harness/run.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";

/** The query of the page's form and of the API. */
const TERM_THEN_KILL = "signal=TERM&then=KILL";

/** The fields of a form. */
function fields(query: string): { [name: string]: string } {
  return Object.fromEntries(new URLSearchParams(query));
}

function formOf({ id }: ServedClient): string {
  return `/children/${id}/kill`;
}

function apiOf({ id }: ServedClient, query = TERM_THEN_KILL): string {
  return `/api/children/${id}?${query}`;
}

/** The signals sent, in this order, and who sent each. */
function sentIn(server: Server): { signal: string; by: string }[] {
  return server.events("signal sent").map(({ signal, by }) => ({ signal, by }));
}

const DELETE = { method: "DELETE" };

const OPERATOR = "operator at 127.0.0.1";

describe("TERM, then KILL", () => {
  test("by form: a stopped child gets both, and the response and the log say so", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    await using other = await connectServed(server);
    await served.freeze();
    const { status, text } = await post(server, formOf(served), fields(TERM_THEN_KILL));
    expect(status).toBe(202);
    expect(select(text, ".outcome")[0]?.text).toMatch(
      new RegExp(`^PID ${served.pid}: TERM sent, then KILL, gone after \\d+\\.\\d s$`),
    );
    const answered = await server.event("signal outcome");
    expect(answered).toMatchObject({
      by: OPERATOR,
      sent: ["TERM", "KILL"],
      outcome: "gone",
      leftovers: 0,
    });
    expect(answered).toMatchObject({ id: served.id, pid: served.pid, ms: expect.any(Number) });
    expect(sentIn(server)).toEqual([
      { signal: "TERM", by: OPERATOR },
      { signal: "KILL", by: OPERATOR },
    ]);
    expect(await server.event("ended")).toMatchObject({
      id: served.id,
      reason: "killed by operator",
      signal: "SIGKILL",
    });
    expect(isRunning(served.pid)).toBe(false);
    await served.client.readToEnd();
    await other.askTime();
  });

  test("by DELETE: the response comes immediately, the log has the rest", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    await served.freeze();
    const { status, text } = await request(server, apiOf(served), DELETE);
    expect(status).toBe(202);
    const { id, pid } = served;
    expect(JSON.parse(text)).toEqual({ id, pid, signal: "TERM", sent: true });
    expect(server.events("ended")).toEqual([]);
    expect(await server.event("signal outcome")).toMatchObject({
      by: OPERATOR,
      sent: ["TERM", "KILL"],
      outcome: "gone",
    });
    expect(await server.event("ended")).toMatchObject({
      reason: "killed by operator",
      signal: "SIGKILL",
    });
    await served.client.readToEnd();
  });

  test("is TERM alone if that ends the child", async () => {
    await using server = await startServer();
    await using byForm = await connectServed(server);
    await using byProgram = await connectServed(server);
    const { text } = await post(server, formOf(byForm), fields(TERM_THEN_KILL));
    expect(select(text, ".outcome")[0]?.text).toMatch(/: TERM sent, gone after \d+(?: ms|\.\d s)$/);
    await request(server, apiOf(byProgram), DELETE);
    await until(() => server.events("signal outcome").length === 2, "both are answered");
    for (const { sent, outcome } of server.events("signal outcome")) {
      expect({ sent, outcome }).toEqual({ sent: ["TERM"], outcome: "gone" });
    }
    for (const { signal } of server.events("ended")) expect(signal).toBe("SIGTERM");
    for (const { client } of [byForm, byProgram]) await client.readToEnd();
  });

  test("sends no KILL without `then`, with another `then`, or after a signal that does not end a child", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    await served.freeze();
    const queries = [
      "signal=TERM",
      "signal=TERM&then=kill",
      "signal=TERM&then=",
      "signal=TERM&then=TERM",
      "signal=STOP&then=KILL",
    ];
    const responses = queries.map((query) => request(server, apiOf(served, query), DELETE));
    for (const { status } of await Promise.all(responses)) expect(status).toBe(202);
    await until(
      () => server.events("signal outcome").length === queries.length,
      "every signal has its result in the log",
    );
    for (const { sent } of server.events("signal outcome")) expect(sent).toHaveLength(1);
    expect(isRunning(served.pid)).toBe(true);
  });

  test("two requests at the same time end a child once, and both get the result", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    await served.freeze();
    const form = () => post(server, formOf(served), fields(TERM_THEN_KILL));
    for (const { status, text } of await Promise.all([form(), form()])) {
      expect(status).toBe(202);
      expect(select(text, ".outcome")[0]?.text).toMatch(/: TERM sent, .*gone after \d+\.\d s$/);
    }
    await until(() => server.events("signal outcome").length === 2, "both are answered");
    expect(server.events("ended")).toHaveLength(1);
    await served.client.readToEnd();
  });

  test("a child that continues during the grace period ends by TERM, and no KILL is sent", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    await served.freeze();
    await request(server, apiOf(served), DELETE);
    await request(server, apiOf(served, "signal=CONT"), DELETE);
    expect(await server.event("ended")).toMatchObject({ signal: "SIGTERM" });
    await until(() => server.events("signal outcome").length === 2, "both are answered");
    expect(sentIn(server).map(({ signal }) => signal)).toEqual(["TERM", "CONT"]);
    await served.client.readToEnd();
  });
});

test("a session that has ended gets no signal, whatever is requested", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await served.quit();
  await server.event("ended");
  for (const signal of SIGNALS) {
    const byForm = await post(server, formOf(served), fields(`signal=${signal}&then=KILL`));
    expect(byForm.status).toBe(410);
    const byProgram = await request(server, apiOf(served, `signal=${signal}&then=KILL`), DELETE);
    expect(byProgram.status).toBe(410);
    expect(JSON.parse(byProgram.text)).toEqual({ error: "this child has already ended" });
  }
  expect(sentIn(server)).toEqual([]);
});

describe("the log names who sent a signal", () => {
  const PASSWORD = "correct horse";

  function basic(name: string): { Authorization: string } {
    return { Authorization: `Basic ${Buffer.from(`${name}:${PASSWORD}`).toString("base64")}` };
  }

  for (const [what, name, shown] of [
    ["a name", "anna", "anna"],
    ["no name", "", "operator"],
    ["a name in another script", "Jürgen Ωmega 木", "Jürgen Ωmega 木"],
    ["an escape code", "\x1b]0;owned\x07\x1b[2J", "\\x1b]0;owned\\x07\\x1b[2J"],
    ["lines", "a\r\n{}\n", "a\\r\\n{}\\n"],
    ["a bidi override", "a\u202egnp", "a\\u{202e}gnp"],
    ["markup", "<script>alert(1)</script>", "<script>alert(1)</script>"],
    ["10,000 bytes", "n".repeat(10_000), "n".repeat(32)],
    ["10,000 bytes of escape codes", "\x1b".repeat(10_000), "\\x1b".repeat(32)],
    ["a cut in the middle of a character", `${"n".repeat(31)}🐣`, `${"n".repeat(31)}\\u{d83d}`],
  ] as const) {
    test(what, async () => {
      await using server = await startServer({}, { env: { BROOD_DASHBOARD_PASSWORD: PASSWORD } });
      await using first = await connectServed(server);
      await using second = await connectServed(server);
      const by = `${shown} at 127.0.0.1`;
      const byForm = await post(server, formOf(first), { signal: "TERM" }, basic(name));
      expect(byForm.status).toBe(202);
      const options = { ...DELETE, headers: basic(name) };
      expect((await request(server, apiOf(second), options)).status).toBe(202);
      await until(() => server.events("signal outcome").length === 2, "both are answered");
      expect(sentIn(server)).toEqual([
        { signal: "TERM", by },
        { signal: "TERM", by },
      ]);
      for (const answered of server.events("signal outcome")) expect(answered.by).toBe(by);
      expect(escapeText(by.replaceAll("\\", ""))).toBe(by.replaceAll("\\", ""));
      // The page shows it as text.
      const page = await request(server, "/", { headers: basic(name) });
      expect(page.text).not.toContain("<script>alert");
      for (const { client } of [first, second]) await client.readToEnd();
    });
  }

  test("and without the password nothing is sent, whatever the name", async () => {
    await using server = await startServer({}, { env: { BROOD_DASHBOARD_PASSWORD: PASSWORD } });
    await using served = await connectServed(server);
    const headers = { Authorization: `Basic ${Buffer.from("anna:wrong").toString("base64")}` };
    expect((await request(server, apiOf(served), { ...DELETE, headers })).status).toBe(401);
    expect((await post(server, formOf(served), fields(TERM_THEN_KILL), headers)).status).toBe(401);
    expect(sentIn(server)).toEqual([]);
    await served.askTime();
  });
});

describe("a child's own children", () => {
  /** A process that has started two more, and a session whose child is the first. */
  async function startFamily(script: string) {
    const exited = Promise.withResolvers<ProcessExit>();
    const parent = startProcess(
      {
        cmd: ["sh", "-c", script],
        cwd: "/",
        env: { PATH: process.env.PATH ?? "" },
        stdio: ["ignore", "ignore", "ignore"],
      },
      exited.resolve,
    );
    const { pid } = parent;
    const child = {
      process: parent,
      pid,
      startTicks: startTicksOf(pid),
    } as unknown as SessionChild;
    const session = { child } as Session;
    const members = async () => {
      const { stdout } = await run(["ps", "-e", "-o", "pid=,pgid=,stat=,args="]);
      const rows = stdout.trimEnd().split("\n");
      return rows
        .map((row) => row.trim().split(/\s+/))
        .filter(([, group, state]) => group === String(pid) && state?.[0] !== "Z")
        .map(([member]) => Number(member));
    };
    const sleeping = async () => (await run(["pgrep", "-g", String(pid), "sleep"])).stdout;
    await until(async () => (await sleeping()).split("\n").length === 3, "both sleep");
    return {
      exited: exited.promise,
      pid,
      session,
      members,
      async [Symbol.asyncDispose]() {
        signalProcessGroup(pid, "KILL");
        await exited.promise;
      },
    };
  }

  function withTicks(session: Session, startTicks: SessionChild["startTicks"]): Session {
    return { ...session, child: { ...session.child, startTicks } };
  }

  const FAMILY = "sleep 1000 & sleep 1000 & wait";
  const DEAF_FAMILY = `trap "" TERM HUP INT; ${FAMILY}`;

  for (const signal of ["TERM", "KILL", "HUP"] as const) {
    test(`get ${signal} too`, async () => {
      await using family = await startFamily(FAMILY);
      expect(await family.members()).toHaveLength(3);
      expect(sendSignal(family.session, signal)).toBe(true);
      expect((await family.exited).signal).toBe(`SIG${signal}`);
      await until(async () => (await family.members()).length === 0, "none is left");
    });
  }

  test("that ignore TERM get KILL", async () => {
    await using family = await startFamily(DEAF_FAMILY);
    expect(sendSignal(family.session, "TERM")).toBe(true);
    expect(await family.members()).toHaveLength(3);
    expect(sendSignal(family.session, "KILL")).toBe(true);
    await until(async () => (await family.members()).length === 0, "none is left");
    await family.exited;
  });

  test("are stopped and continued with it", async () => {
    await using family = await startFamily(FAMILY);
    const states = async () => {
      const { stdout } = await run(["ps", "-e", "-o", "pgid=,stat="]);
      const rows = stdout.split("\n").map((row) => row.trim().split(/\s+/));
      return rows.filter(([group]) => group === String(family.pid)).map(([, state]) => state?.[0]);
    };
    expect(sendSignal(family.session, "STOP")).toBe(true);
    await until(async () => (await states()).join("") === "TTT", "all have stopped");
    expect(sendSignal(family.session, "CONT")).toBe(true);
    await until(async () => (await states()).join("") === "SSS", "all continue");
  });

  test("that outlive it are killed when it is reaped", async () => {
    await using family = await startFamily(FAMILY);
    process.kill(family.pid, "SIGKILL");
    await family.exited;
    expect(await family.members()).toHaveLength(2);
    // The session is over, and its PID may belong to another process.
    expect(sendSignal(family.session, "KILL")).toBe(false);
    expect(sendSignal(withTicks(family.session, "unknown"), "KILL")).toBe(false);
    expect(await family.members()).toHaveLength(2);
    signalProcessGroup(family.pid, "KILL");
    await until(async () => (await family.members()).length === 0, "none is left");
    signalProcessGroup(family.pid, "KILL"); // an empty group is no error
  });

  test("do not keep it from being killed when no descriptor is left to find them with", async () => {
    const program = join(import.meta.dir, "exhausted-master.ts");
    expect(await run(["prlimit", "--nofile=64:64", process.execPath, program])).toEqual({
      stdout: '{"below":1,"sent":true,"by":"SIGKILL"}\n',
      stderr: "",
      exitCode: 0,
    });
  });

  test("are looked for up to a limit, nearest first", async () => {
    await using wide = await startFamily("for i in 1 2; do sleep 1000 & done; wait");
    await using deep = await startFamily("(sleep 1000; :) & (sleep 1000; :) & wait");
    const nearest = (pid: number, max?: number) =>
      descendantsOf(pid, max).map(({ pid }) => readProcess(pid)?.comm);
    expect(nearest(wide.pid)).toEqual(["sleep", "sleep"]);
    expect(nearest(wide.pid, 1)).toEqual(["sleep"]);
    expect(nearest(deep.pid)).toEqual(["sh", "sh", "sleep", "sleep"]);
    expect(nearest(deep.pid, 3)).toEqual(["sh", "sh", "sleep"]);
  });

  test("get nothing when the PID belongs to another process by now", async () => {
    await using family = await startFamily(FAMILY);
    const { session } = family;
    const later = withTicks(session, Number(session.child.startTicks) - 1);
    for (const signal of SIGNALS) expect(sendSignal(later, signal)).toBe(false);
    expect(sendSignal(withTicks(session, null), "KILL")).toBe(false);
    expect(await family.members()).toHaveLength(3);
    // If the start time cannot be read, it is enough that Bun has not reaped the child.
    expect(sendSignal(withTicks(session, "unknown"), "KILL")).toBe(true);
    await family.exited;
  });
});
