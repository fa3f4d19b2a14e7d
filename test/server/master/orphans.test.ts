/** What happens to the children of a master that was killed. */
import { expect, test } from "bun:test";
import { connect } from "../../harness/connect.ts";
import { isRunning } from "../../harness/processes.ts";
import { startServerWithoutPage } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { expectServed } from "../child/served.ts";

for (const spares of [0, 2]) {
  test(`they go on serving their clients while a new master serves on the same port (--spares ${spares})`, async () => {
    await using before = await startServerWithoutPage({ spares });
    await using client = await connect(before.port);
    await expectServed(client);
    const { pid } = await before.event("serving");
    before.signal("SIGKILL");
    await before.exited();

    await using server = await startServerWithoutPage({ port: before.port, spares });
    await using newClient = await connect(server.port);
    await expectServed(newClient);
    await expectServed(client);
    expect(isRunning(pid)).toBe(true);
    await client.send("quit\n");
    expect(await client.readToEnd()).toEqual({ text: "quit\n", end: "clean" });
    await until(() => !isRunning(pid), "the orphan has gone");
    await before.stop();
  });
}

test("with --orphans leave they end immediately, and so do their connections", async () => {
  await using before = await startServerWithoutPage({ orphans: "leave" });
  await using client = await connect(before.port);
  await expectServed(client);
  const { pid } = await before.event("serving");
  before.signal("SIGKILL");
  await before.exited();
  expect((await client.readToEnd()).text).toBe("");
  await until(() => !isRunning(pid), "the child has gone");
  await using server = await startServerWithoutPage({ port: before.port });
  await using newClient = await connect(server.port);
  await expectServed(newClient);
  await before.stop();
});
