/** Which clients are admitted, seen from outside: rates, sources, lists, penalties and caps. */
import { describe, expect, test } from "bun:test";
import { readChildren } from "../../../shared/proc.ts";
import { type Client, connect, type Way } from "../../harness/connect.ts";
import { descriptors, isRunning, readMemory } from "../../harness/processes.ts";
import {
  type Flags,
  type Server,
  startServer,
  startServerWithoutPage,
} from "../../harness/server.ts";
import { readStatus } from "../../harness/status.ts";
import { until, untilStill } from "../../harness/until.ts";
import { expectServed } from "../child/served.ts";

/** Connects and expects to be refused with this line. */
async function expectRefused(server: Server, line: string, way: Way = {}): Promise<void> {
  await using client = await connect(server.port, way);
  expect(await client.readToEnd()).toEqual({ text: `${line}\r\n`, end: "clean" });
}

/** Connects, is served, and quits. */
async function expectAdmitted(server: Server, way: Way = {}): Promise<void> {
  await using client = await connect(server.port, way);
  await expectServed(client);
  await quit(server, client);
}

async function quit(server: Server, client: Client): Promise<void> {
  await client.send("quit\n");
  await client.readToEnd();
  await server.event("ended", ({ remotePort }) => remotePort === client.port);
}

/** Connects again and again until it is served; returns how often it was refused before. */
async function retryUntilServed(server: Server, line: string): Promise<number> {
  let refused = 0;
  await until(async () => {
    await using client = await connect(server.port);
    await client.send("time\n");
    const reply = await client.readUntil("\n");
    if (!reply.startsWith("2")) expect(reply).toBe(`${line}\r\n`);
    else return true;
    refused += 1;
    return false;
  }, "a client is served again");
  return refused;
}

describe("--rate", () => {
  const LINE = "too many new clients from this source";

  test("refuses a source that connects too often, and no other source", async () => {
    await using server = await startServer({ rate: "2/h" });
    await expectAdmitted(server);
    await expectAdmitted(server);
    for (let i = 0; i < 30; i += 1) await expectRefused(server, LINE);
    await expectAdmitted(server, { from: "127.0.0.2" });
    const [refusal] = (await readStatus(server)).refusals;
    expect(refusal).toMatchObject({ reason: LINE, count: 30, lastAddress: "127.0.0.1" });
  });

  test("recovers with time, however often clients are refused meanwhile", async () => {
    await using server = await startServerWithoutPage({ rate: "1/4s" });
    await expectAdmitted(server);
    expect(await retryUntilServed(server, LINE)).toBeGreaterThan(0);
    expect(await retryUntilServed(server, LINE)).toBeGreaterThan(0);
    await server.event("ended", ({ id }) => id === server.events("accepted")[2]?.id);
    const [first = 0, second = 0, third] = server
      .events("accepted")
      .map(({ startedAt }) => startedAt);
    // The times are rounded to milliseconds, and taken just after the rate admitted the client.
    expect(second - first).toBeGreaterThanOrEqual(3990);
    expect(third! - second).toBeGreaterThanOrEqual(3990);
  });
});

describe("--max-per-source", () => {
  const LINE = "too many clients from this source";

  test("counts the addresses of one --source network as one", async () => {
    await using server = await startServerWithoutPage({ maxPerSource: 1, source: "24,64" });
    await using first = await connect(server.port, { from: "127.0.0.2" });
    await expectServed(first);
    await expectRefused(server, LINE, { from: "127.0.0.3" });
    await expectRefused(server, LINE, { from: "127.0.0.2" });
    await expectAdmitted(server, { from: "127.0.1.2" });
    await quit(server, first);
    await expectAdmitted(server, { from: "127.0.0.3" });
  });

  for (const host of ["::1", "::"]) {
    test(`counts IPv6 where the server is on ${host}`, async () => {
      await using server = await startServerWithoutPage({ maxPerSource: 1, host });
      await using first = await connect(server.port, { host: "::1" });
      await expectServed(first);
      expect(await server.event("accepted")).toMatchObject({ remoteAddress: "::1" });
      await expectRefused(server, LINE, { host: "::1" });
      await quit(server, first);
      await expectAdmitted(server, { host: "::1" });
    });
  }

  test("counts IPv4 that comes over an IPv6 socket as IPv4", async () => {
    const flags = { maxPerSource: 1, host: "::", deny: "127.0.0.9", source: "32,0" };
    await using server = await startServerWithoutPage(flags);
    await using first = await connect(server.port, { host: "::1" });
    await expectServed(first);
    // As ::ffff:127.0.0.1, all of these would be the same source as ::1.
    await using second = await connect(server.port);
    await expectServed(second);
    await expectRefused(server, LINE);
    await expectAdmitted(server, { from: "127.0.0.2" });
    await expectRefused(server, "address not allowed", { from: "127.0.0.9" });
  });
});

test("--allow and --deny decide by address, and --deny wins", async () => {
  const allow = "127.0.0.0/29,127.0.1.1";
  await using server = await startServer({ allow, deny: "127.0.0.2,127.0.0.4/31" });
  for (const from of ["127.0.0.1", "127.0.0.3", "127.0.0.7", "127.0.1.1"]) {
    await expectAdmitted(server, { from });
  }
  for (const from of ["127.0.0.2", "127.0.0.4", "127.0.0.5", "127.0.0.8", "127.0.1.2"]) {
    await expectRefused(server, "address not allowed", { from });
  }
  expect(await readStatus(server)).toMatchObject({ accepted: 4, refused: 5 });
});

describe("--penalty", () => {
  const LINE = "source is penalized";

  async function endBy(server: Server, signal: NodeJS.Signals, way: Way = {}): Promise<void> {
    await using client = await connect(server.port, way);
    const { pid } = await server.event("serving", ({ remotePort }) => remotePort === client.port);
    process.kill(pid, signal);
    await server.event("ended", ({ remotePort }) => remotePort === client.port);
    await client.readToEnd();
  }

  test("shuts a source out after three crashed children: no other source, and not forever", async () => {
    // All three must crash within this time; the source is shut out for about as long.
    await using server = await startServerWithoutPage({ penalty: "15s" }, { mayWriteErrors: true });
    for (let i = 0; i < 3; i += 1) {
      await expectAdmitted(server);
      await endBy(server, "SIGSEGV");
    }
    await expectRefused(server, LINE);
    await expectAdmitted(server, { from: "127.0.0.2" });
    expect(server.events("ended").filter(({ reason }) => reason === "crashed")).toHaveLength(3);
    await retryUntilServed(server, LINE);
  });

  test("is not for a child that somebody else killed", async () => {
    await using server = await startServer({ penalty: "1h" });
    for (let i = 0; i < 4; i += 1) await endBy(server, "SIGKILL");
    for (const signal of ["KILL", "TERM", "HUP", "INT", "TERM"]) {
      await using client = await connect(server.port);
      const { id } = await server.event("serving", ({ remotePort }) => remotePort === client.port);
      await fetch(`${server.url}api/children/${id}?signal=${signal}`, { method: "DELETE" });
      expect(await server.event("ended", (ended) => ended.id === id)).toMatchObject({
        reason: "killed by operator",
      });
    }
    await expectAdmitted(server);
  });

  test("is not for a child that missed its deadline because an operator had stopped it", async () => {
    await using server = await startServer({ penalty: "1h", maxSession: "4s", host: "0.0.0.0" });
    const clients: Client[] = [];
    for (let i = 0; i < 3; i += 1) {
      const client = await connect(server.port);
      clients.push(client);
      const { id } = await server.event("serving", ({ remotePort }) => remotePort === client.port);
      const url = `${server.url}api/children/${id}?signal=STOP`;
      expect((await fetch(url, { method: "DELETE" })).status).toBe(202);
    }
    await until(() => server.events("ended").length === 3, "all three were ended");
    for (const { reason } of server.events("ended")) expect(reason).toBe("stuck");
    await expectServed(await connect(server.port));
  });
});

test("--refuse close ends a refused connection without sending a byte", async () => {
  await using server = await startServerWithoutPage({ maxClients: 1, refuse: "close" });
  await using first = await connect(server.port);
  await expectServed(first);
  for (let i = 0; i < 3; i += 1) {
    await using client = await connect(server.port);
    expect(await client.readToEnd()).toEqual({ text: "", end: "clean" });
  }
  await until(() => server.events("refused").length === 3, "three were refused");
  await expectServed(first);
});

describe("the caps hold", () => {
  const SAMPLE_INTERVAL_MS = 5;
  const FLAGS: Flags[] = [{}, { spares: 3 }, { refuse: "wait:1s" }];
  for (const flags of FLAGS) {
    test(`300 clients at once against --max-clients 5: never more than 5 (${JSON.stringify(flags)})`, async () => {
      await using server = await startServer({ maxClients: 5, maxPerSource: 1000, ...flags });
      const spares = Number(flags.spares ?? 0);
      let maxAlive = 0;
      const sampler = setInterval(() => {
        // A child that has ended but is not reaped yet is a zombie.
        const alive = readChildren(server.pid).filter(isRunning);
        maxAlive = Math.max(maxAlive, alive.length - spares);
      }, SAMPLE_INTERVAL_MS);
      const coming = Array.from({ length: 300 }, async () => {
        await using client = await connect(server.port);
        await client.send("time\n");
        const first = await client.readUntil("\n");
        if (first.startsWith("2")) await client.send("quit\n");
        else expect(first).toBe("too many clients\r\n");
        await client.readToEnd();
      });
      await Promise.all(coming);
      clearInterval(sampler);
      await until(async () => (await readStatus(server)).live === 0, "all have ended");
      const { accepted, refused, peak } = await readStatus(server);
      expect(accepted + refused).toBe(300);
      expect(accepted).toBeGreaterThanOrEqual(5);
      expect(peak).toBe(5);
      expect(maxAlive).toBeWithin(1, 6);
      let live = 0;
      for (const { event } of server.log) {
        if (event === "accepted") live += 1;
        if (event === "ended") live -= 1;
        expect(live).toBeLessThanOrEqual(5);
      }
    });
  }

  test("refusals beyond 20 in 5 s are summed up in one line, so that all are in the log", async () => {
    await using server = await startServer({ maxClients: 1, maxPerSource: 1 });
    await using first = await connect(server.port);
    await expectServed(first);
    // All at once: a slow machine, too, refuses them within 5 s.
    const refusals = Array.from({ length: 35 }, () => [
      expectRefused(server, "too many clients from this source"),
      expectRefused(server, "too many clients", { from: "127.0.0.2" }),
    ]);
    await Promise.all(refusals.flat());
    const summary = await server.event("refusals not listed");
    const listed = server.events("refused");
    expect(listed).toHaveLength(20);
    expect(summary.count).toBe(50);
    for (const reason of ["too many clients", "too many clients from this source"]) {
      const both =
        listed.filter((one) => one.reason === reason).length + (summary.reasons[reason] ?? 0);
      expect(both).toBe(35);
    }
    expect((await readStatus(server)).refused).toBe(70);
    // The next ones are logged one by one again, and a summary still due comes at the end.
    await Promise.all(
      Array.from({ length: 21 }, () => expectRefused(server, "too many clients from this source")),
    );
    await until(() => server.events("refused").length === 40, "twenty more are logged");
    await server.stop();
    expect(server.events("refusals not listed").map(({ count }) => count)).toEqual([50, 1]);
    expect(await server.event("stopped")).toMatchObject({ received: 92, accepted: 1, refused: 91 });
  });
});

/**
 * Connects `count` times to be refused: some clients read to the end, some reset the connection.
 */
async function connectInVain(server: Server, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 50) {
    const clients = await Promise.all(Array.from({ length: 50 }, () => connect(server.port)));
    for (const [i, client] of clients.entries()) {
      if (i % 3 === 0) client.reset();
      else await client.readToEnd();
    }
  }
}

test("2,000 refused clients leave no descriptor and no memory behind", async () => {
  await using server = await startServerWithoutPage({ maxClients: 1 });
  await using first = await connect(server.port);
  await expectServed(first);
  await connectInVain(server, 500);
  const count = () => descriptors(server.pid).length;
  const before = await untilStill(count, "the number of descriptors");
  const { private: memory } = readMemory(server.pid);
  await connectInVain(server, 2000);
  await until(
    () => count() <= before,
    () => `${before} descriptors, not ${count()}`,
  );
  expect(readMemory(server.pid).private - memory).toBeLessThan(20e6);
  await expectServed(first);
  // Nor do they use up the places of refused clients that have yet to read their line.
  await using talkative = await connect(server.port);
  await talkative.send("x".repeat(100_000));
  expect(await talkative.readToEnd()).toEqual({ text: "too many clients\r\n", end: "clean" });
});
