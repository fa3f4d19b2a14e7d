/**
 * How the master ends: all children first, and nothing is left behind (which `startServer` checks).
 */
import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../harness/connect.ts";
import { connectServed } from "../../harness/served-client.ts";
import { request } from "../../dashboard/request.ts";
import { isRunning, processesWith } from "../../harness/processes.ts";
import { brood, cleanEnvironment, readText } from "../../harness/run.ts";
import { startServer, startServerWithoutPage } from "../../harness/server.ts";
import { readStatus } from "../../harness/status.ts";
import { openTerminal } from "../../harness/terminal.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { expectServed } from "../child/served.ts";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} ends the children, then the master, with exit status 0`, async () => {
    await using server = await startServerWithoutPage();
    await using first = await connect(server.port);
    await using second = await connect(server.port);
    await server.event("serving", ({ remotePort }) => remotePort === first.port);
    await server.event("serving", ({ remotePort }) => remotePort === second.port);
    server.signal(signal);
    expect(await server.exited()).toBe(0);
    expect(await first.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(await second.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(await server.event("stopping")).toMatchObject({ signal, live: 2 });
    const ended = { reason: "server stopped", signal: "SIGTERM" };
    expect(server.events("ended")).toMatchObject([ended, ended]);
    expect(await server.event("stopped")).toMatchObject({ accepted: 2, refused: 0 });
  });
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} before it listens ends it with exit status 0, and it never listens`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "brood-slow-"));
    chmodSync(folder, 0o777); // children may run as another user than the server
    const [loading, go, service] = ["loading", "go", "slow.ts"].map((name) => join(folder, name));
    // Until it is loaded, in a child that tries it, the master does not listen.
    await Bun.write(
      service!,
      `import { existsSync, writeFileSync } from "node:fs";
       writeFileSync(${JSON.stringify(loading)}, "");
       while (!existsSync(${JSON.stringify(go)})) await Bun.sleep(1);
       export default { line() {} };`,
    );
    const server = Bun.spawn(brood("serve", "--port", 0, "--service", service!), {
      env: { ...cleanEnvironment(), TMPDIR: folder },
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      let printed = "";
      void readText(server.stdout, (text) => (printed += text));
      await until(() => existsSync(loading!), "the module is being loaded");
      server.kill(signal);
      await Bun.write(go!, "");
      await until(() => server.exitCode !== null || printed !== "", "it ends, or listens");
      expect(printed).toBe("");
      expect(await server.exited).toBe(0);
      await until(() => processesWith("TMPDIR", folder).length === 0, "nobody is left");
      expect(readdirSync(folder).sort()).toEqual(["go", "loading", "slow.ts"]);
    } finally {
      server.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });
}

test("SIGTERM right after the start ends it, whatever it was doing", async () => {
  const flags = ["--port", 0, "--dashboard", "127.0.0.1:0", "--log", "json"] as const;
  const start = async (delay: number) => {
    const server = Bun.spawn(brood("serve", ...flags), {
      env: cleanEnvironment(),
      stdio: ["ignore", "ignore", "inherit"],
    });
    try {
      await Bun.sleep(delay);
      server.kill("SIGTERM");
      await until(() => server.exitCode !== null || server.signalCode !== null, "it ends");
      // Before it can handle a signal the kernel ends it.
      expect(server.signalCode ?? server.exitCode).toBeOneOf(["SIGTERM", 0]);
    } finally {
      server.kill("SIGKILL");
    }
  };
  const delays = Array.from({ length: 16 }, (_, i) => i * 20);
  for (const pair of [delays.slice(0, 8), delays.slice(8)]) await Promise.all(pair.map(start));
});

test("a stopping master accepts no clients", async () => {
  await using server = await startServerWithoutPage();
  await using served = await connectServed(server);
  await served.freeze();
  server.signal("SIGTERM");
  await server.event("stopping");
  await expect(connect(server.port)).rejects.toThrow();
  process.kill(served.pid, "SIGCONT");
  expect(await server.exited()).toBe(0);
  await served.client.readToEnd();
});

test("a second signal kills a child that the first could not end", async () => {
  await using server = await startServerWithoutPage();
  await using served = await connectServed(server);
  await served.freeze();
  server.signal("SIGTERM");
  await server.event("stopping");
  server.signal("SIGTERM");
  expect(await server.exited()).toBe(0);
  expect(await server.event("ended")).toMatchObject({ signal: "SIGKILL" });
  await served.client.readToEnd();
});

test("a child that ignores TERM is killed after a grace", async () => {
  await using server = await startServerWithoutPage();
  await using served = await connectServed(server);
  await served.freeze();
  server.signal("SIGTERM");
  expect(await server.exited()).toBe(0);
  expect(await server.event("ended")).toMatchObject({ signal: "SIGKILL" });
  await served.client.readToEnd();
});

test("Ctrl-C in the server's terminal reaches the master alone, which ends the children", async () => {
  const flags = ["--port", "0", "--dashboard", "off"];
  await using terminal = openTerminal(brood("serve", ...flags));
  await terminal.shows(/listening on 127\.0\.0\.1 port \d+/);
  const port = Number(/port (\d+)/.exec(terminal.screen)?.[1]);
  await using client = await connect(port);
  await terminal.shows("child serving");
  terminal.type("\x03");
  await terminal.shows("SIGINT received, stopping 1 live child");
  await terminal.shows("ended: server stopped (SIGTERM)");
  expect(await terminal.exited()).toBe(0);
  expect(await client.readToEnd()).toEqual({ text: "", end: "clean" });
});

describe("--drain", () => {
  /** Long enough that only what is tested can end the drain. */
  const LONG = { drain: "24h" };

  test("lets live clients finish, and accepts no new ones", async () => {
    await using server = await startServer({ drain: "60s" });
    await using first = await connect(server.port);
    await using last = await connect(server.port);
    for (const client of [first, last]) await expectServed(client);
    server.signal("SIGTERM");
    const { ms } = await server.event("draining", ({ left }) => left === 2);
    expect(ms).toBeWithin(1, 60_001);
    expect(await server.event("stopping")).toMatchObject({ signal: "SIGTERM", live: 2 });

    await expect(connect(server.port)).rejects.toThrow();
    const status = await readStatus(server);
    expect(status).toMatchObject({ state: "draining", live: 2, refused: 0 });
    const before = Date.parse((await server.event("stopping")).time);
    expect(Date.parse(status.until ?? "") - before).toBeWithin(59_000, 61_000);
    expect(await request(server, "/readyz")).toMatchObject({ status: 503, text: "draining\n" });
    expect(await request(server, "/healthz")).toMatchObject({ status: 200 });
    for (const client of [first, last]) await expectServed(client);

    await first.send("quit\n");
    expect(await first.readToEnd()).toEqual({ text: "quit\n", end: "clean" });
    await server.event("draining", ({ left }) => left === 1);
    await expectServed(last);
    expect(server.events("stopped")).toEqual([]);
    await last.send("quit\n");
    expect(await last.readToEnd()).toEqual({ text: "quit\n", end: "clean" });
    expect(await server.exited()).toBe(0);
    expect(server.events("ended").map(({ reason }) => reason)).toEqual(["quit", "quit"]);
    expect(await server.event("stopped")).toMatchObject({ received: 2, accepted: 2, refused: 0 });
  });

  test("ends the clients that are left when its time is over", async () => {
    await using server = await startServerWithoutPage({ drain: "300ms" });
    await using client = await connect(server.port);
    await using other = await connect(server.port);
    for (const one of [client, other]) await expectServed(one);
    server.signal("SIGTERM");
    expect(await server.exited()).toBe(0);
    const ended = { reason: "server stopped", signal: "SIGTERM" };
    expect(server.events("ended")).toMatchObject([ended, ended]);
    expect(server.events("draining")).toMatchObject([{ left: 2 }]);
    for (const one of [client, other]) {
      expect(await one.readToEnd()).toEqual({ text: "", end: "clean" });
    }
  });

  for (const [first, second] of [
    ["SIGTERM", "SIGTERM"],
    ["SIGTERM", "SIGINT"],
    ["SIGINT", "SIGTERM"],
  ] as const) {
    test(`ends at a second signal (${first}, ${second})`, async () => {
      await using server = await startServerWithoutPage(LONG);
      await using served = await connectServed(server);
      server.signal(first);
      await server.event("draining");
      await served.askTime();
      server.signal(second);
      expect(await server.exited()).toBe(0);
      const ended = { reason: "server stopped", signal: "SIGTERM" };
      expect(server.events("ended")).toMatchObject([ended]);
      expect(server.events("stopping")).toMatchObject([{ signal: first }]);
      expect(await served.client.readToEnd()).toEqual({ text: "", end: "clean" });
    });
  }

  test("a third signal kills a stopped child; without one the child has its grace", async () => {
    await using hurried = await startServer(LONG);
    await using patient = await startServer(LONG);
    await using victim = await connectServed(hurried);
    await using spared = await connectServed(patient);
    for (const served of [victim, spared]) await served.freeze();
    for (const server of [hurried, patient]) {
      server.signal("SIGTERM");
      await server.event("draining");
    }
    for (const server of [patient, hurried]) {
      server.signal("SIGTERM");
      const state = async () => {
        const { state, until } = await readStatus(server);
        return { state, until };
      };
      await untilEqual(state, { state: "stopping", until: null });
    }
    expect(await request(hurried, "/readyz")).toMatchObject({ status: 503, text: "stopping\n" });
    hurried.signal("SIGTERM");
    expect(await hurried.exited()).toBe(0);
    // The other one was sent TERM first, and is still there.
    expect(isRunning(spared.pid)).toBe(true);
    expect(patient.events("ended")).toEqual([]);
    expect(await patient.exited()).toBe(0);
    const ended = { reason: "server stopped", signal: "SIGKILL" };
    for (const server of [hurried, patient]) expect(server.events("ended")).toMatchObject([ended]);
    for (const served of [victim, spared]) await served.client.readToEnd();
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`is skipped without live clients: ${signal} ends the server immediately`, async () => {
      await using server = await startServerWithoutPage({ ...LONG, spares: 2 });
      await using served = await connectServed(server);
      await served.quit();
      await server.event("ended");
      server.signal(signal);
      expect(await server.exited()).toBe(0);
      expect(await server.event("stopping")).toMatchObject({ signal, live: 0 });
      expect(server.events("draining")).toEqual([]);
      await server.event("stopped");
    });
  }

  test("is over when the last child is killed, and the log says by whom", async () => {
    await using server = await startServer(LONG);
    await using outsider = await connectServed(server);
    await using operated = await connectServed(server);
    server.signal("SIGTERM");
    await server.event("draining");
    process.kill(outsider.pid, "SIGKILL");
    expect(await server.event("ended", ({ id }) => id === outsider.id)).toMatchObject({
      reason: "killed by signal",
    });
    await request(server, `/api/children/${operated.id}?signal=TERM`, { method: "DELETE" });
    expect(await server.exited()).toBe(0);
    expect(await server.event("ended", ({ id }) => id === operated.id)).toMatchObject({
      reason: "killed by operator",
    });
    for (const { client } of [outsider, operated]) await client.readToEnd();
  });
});
