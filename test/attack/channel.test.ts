/**
 * What a child that was taken over can do to the master over its channel: nothing but end itself.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MAX_MESSAGES_PER_WINDOW, WINDOW_MS } from "../../server/channel/read-quota.ts";
import { MAX_MESSAGE_BYTES } from "../../server/channel/channel-reader.ts";
import { type Client, connect } from "../harness/connect.ts";
import { descriptors, leftOpen, readMemory, untilNoneLeftOpen } from "../harness/processes.ts";
import { type Server, startServerWithoutPage } from "../harness/server.ts";
import { until } from "../harness/until.ts";
import { type Attackable, SERVERS } from "./servers.ts";

// Where an ordinary user can read it, which the checkout may not be.
const programs = mkdtempDisposableSync(join(tmpdir(), "test-channel-"));
afterAll(() => programs[Symbol.dispose]());
chmodSync(programs.path, 0o755);
await Bun.build({
  entrypoints: [join(import.meta.dir, "modules/channel.ts")],
  target: "bun",
  external: ["brood"],
  outdir: programs.path,
});

function start({ flags, circumstances }: Attackable): Promise<Server> {
  const service = join(programs.path, "channel.js");
  return startServerWithoutPage({ ...flags, service, maxPerSource: 200 }, circumstances);
}

/** A client whose child has greeted it. */
async function attackerOf(server: Server): Promise<Client> {
  const client = await connect(server.port);
  expect(await client.readUntil("\n")).toBe("ready\n");
  return client;
}

/** Makes the child attack, and returns the result: the child that made it is still there. */
async function attack(client: Client, what: string): Promise<number> {
  await client.send(`${what}\n`);
  return Number(await client.readUntil("\n"));
}

/** The kernel holds this many more of a child's messages: some hundred in each direction. */
const MAX_IN_KERNEL = 2 * 300;

/** If it writes many at once: 200 kB, and as many in the master's last read. */
const MAX_IN_KERNEL_AT_ONCE = 30_000;

const FLOOD_MS = 4000;

/**
 * How many messages of a child the master reads in this time, on a machine that
 * delays both by as much again.
 */
function maxRead(ms: number): number {
  return (2 + Math.ceil((2 * ms) / WINDOW_MS)) * MAX_MESSAGES_PER_WINDOW;
}

/** What the master holds may vary by this much without the attack. */
const MAX_GROWTH_BYTES = 40e6;

for (const [name, attackable] of Object.entries(SERVERS)) {
  describe(name, () => {
    let server: Server;
    beforeAll(async () => void (server = await start(attackable)));
    afterAll(() => server.stop());

    test("descriptors that a child sends do not accumulate in the master", async () => {
      const before = descriptors(server.pid);
      await using client = await attackerOf(server);
      const withClient = descriptors(server.pid);
      expect(await attack(client, "pass descriptors 1000")).toBe(1000);
      expect(await attack(client, "echo")).toBeNaN(); // the child is still there
      expect(leftOpen(server.pid, withClient)).toEqual([]);
      client.close();
      await untilNoneLeftOpen(server.pid, before);
    });

    for (const [what, offence] of [
      ["pass handles 2000", "sent an invalid message"],
      ["acknowledge handles 8000", "sent an invalid message"],
      ["send nulls 8000", "sent an invalid message"],
      ["send an endless line 8000", `sent a message of more than ${MAX_MESSAGE_BYTES} bytes`],
      [
        `send a line of ${MAX_MESSAGE_BYTES + 1}`,
        `sent a message of more than ${MAX_MESSAGE_BYTES} bytes`,
      ],
    ] as const) {
      test(`a child that starts to ${what} is killed, and nothing of it is left in the master`, async () => {
        const before = descriptors(server.pid);
        const memory = readMemory(server.pid).private;
        await using bystander = await attackerOf(server);
        await using client = await attackerOf(server);
        const { pid } = await server.event(
          "serving",
          ({ remotePort }) => remotePort === client.port,
        );
        await client.send(`${what}\n`);
        expect(await server.event("ended", (event) => event.pid === pid)).toMatchObject({
          reason: "misbehaved",
          signal: "SIGKILL",
        });
        await server.event("warning", ({ message }) => message === `PID ${pid} ${offence}: killed`);
        await client.readToEnd();
        expect(readMemory(server.pid).private - memory).toBeLessThan(MAX_GROWTH_BYTES);
        expect(await attack(bystander, "send a line of 100")).toBe(101);
        bystander.close();
        await untilNoneLeftOpen(server.pid, before);
      });
    }

    test("a message may have 65,536 bytes", async () => {
      await using client = await attackerOf(server);
      expect(await attack(client, `send a line of ${MAX_MESSAGE_BYTES}`)).toBe(
        MAX_MESSAGE_BYTES + 1,
      );
      expect(await attack(client, "send a line of 100")).toBe(101);
    });
  });
}

describe("whatever the child's user, which makes no difference to this", () => {
  let server: Server;
  beforeAll(async () => void (server = await start({ flags: {}, circumstances: {} })));
  afterAll(() => server.stop());

  for (const [what, maxSent] of [
    ["send tiny messages", maxRead(FLOOD_MS) + MAX_IN_KERNEL],
    ["send many messages at once", maxRead(FLOOD_MS) + MAX_IN_KERNEL_AT_ONCE],
    // A busy master reads all that the kernel holds at once.
    ["send single bytes", maxRead(FLOOD_MS) * MAX_IN_KERNEL],
  ] as const) {
    test(`a child that continues to ${what} blocks itself, and others are served`, async () => {
      const memory = readMemory(server.pid).private;
      await using client = await attackerOf(server);
      const flooding = attack(client, `${what} ${FLOOD_MS}`);
      let served = 0;
      let isOver = false;
      const serveOthers = async () => {
        while (!isOver) {
          await using other = await attackerOf(server);
          await attack(other, "send tiny messages 1");
          served += 1;
        }
      };
      const [sent] = await Promise.all([flooding.finally(() => (isOver = true)), serveOthers()]);
      expect(sent).toBeWithin(1, maxSent);
      expect(served).toBeGreaterThan(0);
      expect(readMemory(server.pid).private - memory).toBeLessThan(MAX_GROWTH_BYTES);
    });
  }

  test("a child that asks but reads no replies is read no further once replies wait", async () => {
    await using client = await attackerOf(server);
    const sent = await attack(client, `ask without reading ${FLOOD_MS}`);
    // As many as wait to be read in each direction; at the pace of reading it would be some 1,600.
    expect(sent).toBeWithin(1, 2 * MAX_IN_KERNEL);
    // Once it reads, the master goes on, however late it notices.
    await until(
      async () => (await attack(client, "send tiny messages 1000")) > 1,
      "the master reads the child's messages again",
    );
  });
});
