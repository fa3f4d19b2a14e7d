/** What happens to a client whose spare fails. The test plays the spare's process. */
import { describe, expect, test } from "bun:test";
import { closeSync } from "node:fs";
import type { Socket } from "bun";
import { openDescriptorPassing } from "../../../server/os/descriptor-passing.ts";
import { createHandOver } from "../../../server/handover/hand-over.ts";
import type { Spare } from "../../../server/handover/spare.ts";
import type { ChildProcess } from "../../../server/handover/child-process.ts";
import type { ChildEvents } from "../../../server/handover/spawn.ts";
import { connect } from "../../harness/connect.ts";
import { until } from "../../harness/until.ts";

const CLIENT = { id: "x-1", remoteAddress: "127.0.0.1", remotePort: 1, fromSource: 1 };

const descriptors = openDescriptorPassing();

/** A client that was accepted, and handed over to a spare that the test plays. */
async function handOverToSpare() {
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

  const [spareFd, handOverFd] = descriptors.pair();
  let events: ChildEvents | undefined;
  const killed: unknown[] = [];
  const user = { uid: 7, gid: 7, spawn: {} }; // an empty spawn: the master's own
  const process = { pid: 7, user, kill: (signal: unknown) => killed.push(signal) } as unknown;
  const spare: Spare = {
    process: process as ChildProcess,
    handOverFd,
    release: (released) => (events = released),
  };
  const replacement = { pid: 8 } as ChildProcess;
  const reported: unknown[] = [];
  const handOver = createHandOver(
    {
      // A real child would have its own copy of the socket from here on.
      child: () => replacement,
      spare: () => ({ process: replacement, handOverFd }),
      task: () => "{}",
    },
    {
      descriptors,
      pool: {
        start() {},
        take: () => spare,
        onAccepted() {},
        list: () => [],
        count: () => ({ starting: 0, ready: 0 }),
        stop: async () => {},
      },
    },
  );
  const handedOver = handOver(socket, CLIENT, {
    message: (message) => reported.push(message),
    misbehaved: (offence) => reported.push(offence),
    exited: (exitCode) => reported.push(`exited ${exitCode}`),
    mayRestart: () => true,
    restarted: ({ pid }) => reported.push(`restarted as ${pid}`),
    failed: () => reported.push("failed"),
  });
  return {
    client,
    socket,
    spareFd,
    reported,
    killed,
    handedOver,
    exit: () => events?.exited(1, null, 0),
    send: (message: unknown) => events?.message(message),
    async [Symbol.asyncDispose]() {
      closeSync(spareFd);
      await client[Symbol.asyncDispose]();
    },
  };
}

describe("a spare", () => {
  test("that dies before it has taken the client is replaced by a new child", async () => {
    await using spare = await handOverToSpare();
    expect(spare.handedOver).toMatchObject({ spare: true });
    spare.exit();
    expect(spare.reported).toEqual(["restarted as 8"]);
  });

  test("that dies after it has taken the client ends the session: what it has read is lost", async () => {
    await using spare = await handOverToSpare();
    await spare.client.send("time\r\n");
    const taken = descriptors.take(spare.spareFd);
    descriptors.write(spare.spareFd, Buffer.from("taken"));
    await until(() => descriptors.read(taken?.fd ?? -1).length > 0, "the request is read");
    closeSync(taken?.fd ?? -1);
    spare.exit();
    expect(spare.reported).toEqual(["exited 1"]);
    expect(await spare.client.readToEnd()).toEqual({ text: "", end: "clean" });
  });

  test("whose first message is that its client has left has taken it", async () => {
    await using spare = await handOverToSpare();
    const leaving = { type: "leaving", reason: "reset" };
    spare.send(leaving);
    spare.exit();
    expect(spare.reported).toEqual([leaving, "exited 1"]);
  });

  test("that does not take its client in time is killed, one that does is left alone", async () => {
    await using stuck = await handOverToSpare();
    await using slow = await handOverToSpare();
    descriptors.write(slow.spareFd, Buffer.from("taken"));
    await until(() => stuck.killed.length > 0, "the stuck spare is killed");
    expect(stuck.killed).toEqual(["KILL"]);
    await until(
      () => slow.socket.fd === -1,
      "the master has closed its copy of the other client's socket",
    );
    expect(slow.killed).toEqual([]);
  });
});

test("passing a socket to a spare that has gone fails at once", async () => {
  const [spareFd, handOverFd] = descriptors.pair();
  closeSync(spareFd);
  expect(descriptors.pass(handOverFd, handOverFd, "{}")).toBe(false);
  expect(descriptors.take(handOverFd)).toBe(null);
  closeSync(handOverFd);
});

test("text that is too long to be passed is an error, and is not cut", () => {
  const [spareFd, handOverFd] = descriptors.pair();
  expect(() => descriptors.pass(handOverFd, handOverFd, "x".repeat(9000))).toThrow("bytes of text");
  for (const fd of [spareFd, handOverFd]) closeSync(fd);
});
