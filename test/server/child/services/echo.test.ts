/** `--service echo` sends back what it receives. */
import { expect, test } from "bun:test";
import { connect } from "../../../harness/connect.ts";
import { readMemory } from "../../../harness/processes.ts";
import { startServerWithoutPage } from "../../../harness/server.ts";
import { until } from "../../../harness/until.ts";

const ALL_BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");

for (const spares of [0, 1]) {
  test(`every byte comes back, even telnet's, with ${spares} spares`, async () => {
    await using server = await startServerWithoutPage({ service: "echo", spares });
    await using client = await connect(server.port);
    await client.send(ALL_BYTES);
    expect(await client.read(256)).toBe(ALL_BYTES);
    await client.send("time\r\nquit\r\n");
    expect(await client.read(12)).toBe("time\r\nquit\r\n");
    client.halfClose();
    expect(await client.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(await server.event("ended")).toMatchObject({
      reason: "client left",
      bytesIn: 268,
      bytesOut: 268,
      requests: 0,
    });
  });
}

test("what was sent before the end comes back before the end", async () => {
  await using server = await startServerWithoutPage({ service: "echo" });
  await using client = await connect(server.port);
  const sent = ALL_BYTES.repeat(4000);
  const ended = client.readToEnd();
  await client.send(sent);
  client.halfClose();
  const { text, end } = await ended;
  expect(end).toBe("clean");
  expect(text === sent).toBe(true);
});

test("a client that does not read is not read from, and costs no memory", async () => {
  await using server = await startServerWithoutPage({ service: "echo" });
  await using client = await connect(server.port);
  const { pid } = await server.event("serving");
  client.pause();
  // The kernel's buffers in both directions take some megabytes, and then nothing more.
  const chunk = ALL_BYTES.repeat(400);
  let sent = 0;
  let stuck = 0;
  await until(() => {
    const taken = client.sendSome(chunk);
    sent += taken;
    stuck = taken === 0 ? stuck + 1 : 0;
    return stuck > 20;
  }, "the child reads no more");
  expect(readMemory(pid).private).toBeLessThan(16e6);
  client.resume();
  expect((await client.read(sent)).length).toBe(sent);
});
