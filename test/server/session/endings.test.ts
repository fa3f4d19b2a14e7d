/** The ways in which a client can leave: no child is left behind, and the end reason is right. */
import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { connect } from "../../harness/connect.ts";
import { brood, cleanEnvironment } from "../../harness/run.ts";
import { startServerWithoutPage } from "../../harness/server.ts";
import { sized } from "../../harness/sized.ts";

/** These tests depend on timing, so one round shows little. */
const ROUNDS = sized(5, 20);

test("no child outlives a client that floods it, reads nothing and disconnects", async () => {
  await using server = await startServerWithoutPage();
  for (let i = 0; i < ROUNDS; i += 1) {
    const client = await connect(server.port);
    client.pause();
    await client.send("time\n");
    while (client.sendSome("time\n".repeat(10_000)) > 0);
    await server.event("request", ({ remotePort }) => remotePort === client.port);
    if (i % 2 === 0) client.reset();
    else client.close();
    await server.event("ended", ({ remotePort }) => remotePort === client.port);
  }
});

test("no child outlives a client that sends one request and resets at once", async () => {
  await using server = await startServerWithoutPage();
  const ports = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    const client = await connect(server.port);
    await server.event("serving", ({ remotePort }) => remotePort === client.port);
    await client.send("time");
    client.reset();
    ports.push(client.port);
  }
  for (const port of ports) {
    const { reason } = await server.event("ended", ({ remotePort }) => remotePort === port);
    expect(reason).toStartWith("client ");
  }
});

test("a quit without a line end is a quit, whether the client waits for the end, closes, or half-closes", async () => {
  await using server = await startServerWithoutPage();
  const reasonOf = async (port: number) =>
    (await server.event("ended", ({ remotePort }) => remotePort === port)).reason;

  const waits = await connect(server.port);
  await waits.send("quit");
  expect(await waits.readToEnd()).toEqual({ text: "quit", end: "clean" });
  expect(await reasonOf(waits.port)).toBe("quit");

  const goes = await connect(server.port);
  await goes.send("quit");
  expect(await goes.read(4)).toBe("quit");
  goes.close();
  expect(await reasonOf(goes.port)).toBe("quit");

  const closes = await connect(server.port);
  await closes.send("quit");
  closes.halfClose();
  expect(await closes.readToEnd()).toEqual({ text: "quit", end: "clean" });
  expect(await reasonOf(closes.port)).toBe("quit");
});

test("the server starts from any directory", async () => {
  await using child = Bun.spawn({
    cmd: brood("serve", "--port", 0, "--dashboard", "127.0.0.1:0", "--log", "json"),
    cwd: tmpdir(),
    env: cleanEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  expect(new TextDecoder().decode(value)).toStartWith('{"event":"listening"');
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
});
