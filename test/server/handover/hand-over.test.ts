/** What becomes of a client whose spare fails: here the test plays the spare's process. */
import { describe, expect, test } from "bun:test";
import { closeSync } from "node:fs";
import type { Socket } from "bun";
import { openDescriptorPassing } from "../../../server/os/descriptor-passing.ts";
import { createHandOver } from "../../../server/handover/hand-over.ts";
import type { Spare } from "../../../server/handover/spare-pool.ts";
import type { ChildEvents, ChildProcess } from "../../../server/handover/spawn.ts";
import { connect } from "../../harness/connect.ts";
import { until } from "../../harness/until.ts";

const VISIT = { id: "x-1", remoteAddress: "127.0.0.1", remotePort: 1, fromSource: 1 };

const descriptors = openDescriptorPassing();

/** A client that was accepted, handed to a spare that is ours to play. */
async function handed() {
  const accepted = Promise.withResolvers<Socket>();
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    allowHalfOpen: true,
    socket: { open: (socket) => (socket.pause(), accepted.resolve(socket)), data() {} },
  });
  const client = await connect(listener.port);
  const socket = await accepted.promise;
  listener.stop();

  const [ours, over] = descriptors.pair();
  let events: ChildEvents | undefined;
  const killed: unknown[] = [];
  const process = { pid: 7, kill: (signal: unknown) => killed.push(signal) } as unknown;
  const spare: Spare = {
    process: process as ChildProcess,
    over,
    tell: (told) => (events = told),
  };
  const fresh = { pid: 8 } as ChildProcess;
  const heard: unknown[] = [];
  const handOver = createHandOver(
    {
      // A fresh child would have its own copy of the socket from here on.
      child: () => fresh,
      spare: () => ({ process: fresh, over }),
      task: () => "{}",
    },
    {
      descriptors,
      pool: {
        start() {},
        take: () => spare,
        clientCame() {},
        list: () => [],
        count: () => ({ starting: 0, ready: 0 }),
        stop: async () => {},
      },
    },
  );
  const given = handOver(socket, VISIT, {
    message: (message) => heard.push(message),
    exited: (exitCode) => heard.push(`exited ${exitCode}`),
    mayRestart: () => true,
    restarted: ({ pid }) => heard.push(`restarted as ${pid}`),
    failed: () => heard.push("failed"),
  });
  return {
    client,
    socket,
    ours,
    heard,
    killed,
    given,
    die: () => events?.exited(1, null),
    say: (message: unknown) => events?.message(message),
    async [Symbol.asyncDispose]() {
      closeSync(ours);
      await client[Symbol.asyncDispose]();
    },
  };
}

describe("a spare", () => {
  test("that dies before it has taken the client loses it to a fresh child", async () => {
    await using spare = await handed();
    expect(spare.given).toMatchObject({ spare: true });
    spare.die();
    expect(spare.heard).toEqual(["restarted as 8"]);
  });

  test("that dies after it has taken the client takes it with it: what it read is gone", async () => {
    await using spare = await handed();
    await spare.client.send("time\r\n");
    const taken = descriptors.take(spare.ours);
    descriptors.write(spare.ours, Buffer.from("taken"));
    await until(() => descriptors.read(taken?.fd ?? -1).length > 0, "the request is read");
    closeSync(taken?.fd ?? -1);
    spare.die();
    expect(spare.heard).toEqual(["exited 1"]);
    expect(await spare.client.readToEnd()).toEqual({ text: "", end: "clean" });
  });

  test("whose first word is that its client has gone has taken it", async () => {
    await using spare = await handed();
    const leaving = { type: "leaving", reason: "reset" };
    spare.say(leaving);
    spare.die();
    expect(spare.heard).toEqual([leaving, "exited 1"]);
  });

  test("that takes nothing in time is killed, one that has taken its client is left alone", async () => {
    await using stuck = await handed();
    await using slow = await handed();
    descriptors.write(slow.ours, Buffer.from("taken"));
    await until(() => stuck.killed.length > 0, "the stuck one is killed");
    expect(stuck.killed).toEqual(["SIGKILL"]);
    await until(() => slow.socket.fd === -1, "the master has let go of the other's client");
    expect(slow.killed).toEqual([]);
  });
});

test("a spare that cannot be reached is no reason to wait", async () => {
  const [ours, over] = descriptors.pair();
  closeSync(ours);
  expect(descriptors.pass(over, over, "{}")).toBe(false);
  expect(descriptors.take(over)).toBe(null);
  closeSync(over);
});

test("more text than a spare would take is refused before it is cut", () => {
  const [ours, over] = descriptors.pair();
  expect(() => descriptors.pass(over, over, "x".repeat(9000))).toThrow("bytes of text");
  for (const fd of [ours, over]) closeSync(fd);
});
