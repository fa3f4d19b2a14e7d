/** What the system's `ps` and `pstree` show at steps (3) and (7) of the tutorial. */
import { expect, test } from "bun:test";
import { connect } from "../../harness/connect.ts";
import { listFamily, pstree } from "../../harness/processes.ts";
import { startServerWithoutPage } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";

test("three clients are four processes named server, and one when all have quit", async () => {
  await using server = await startServerWithoutPage();
  expect(await pstree(server.pid)).toBe("server\n");

  await using first = await connect(server.port);
  await using second = await connect(server.port);
  await using third = await connect(server.port);
  const clients = [first, second, third];
  for (const client of clients) {
    await client.send("time");
    await client.read(19);
  }
  expect(await pstree(server.pid)).toBe("server---3*[server]\n");
  const atThree = await listFamily(server.pid);
  expect(atThree.map(({ name }) => name)).toEqual(["server", "server", "server", "server"]);
  await until(() => server.events("spawned").length === 3, "three children are logged");
  const pids = server.events("spawned").map(({ pid }) => pid);
  expect(atThree.map(({ pid }) => pid).sort()).toEqual([server.pid, ...pids].sort());

  for (const client of clients) {
    await client.send("quit");
    await client.readToEnd();
  }
  await until(() => server.events("ended").length === 3, "three sessions have ended");
  expect(await pstree(server.pid)).toBe("server\n");
  expect(await listFamily(server.pid)).toEqual([
    { pid: server.pid, state: expect.stringMatching(/^[SR]/), name: "server" },
  ]);
});

test("a process has been reaped by the time the end of its session is logged", async () => {
  await using server = await startServerWithoutPage();
  for (let count = 1; count <= 20; count += 1) {
    await using client = await connect(server.port);
    await client.send("quit\n");
    await client.readToEnd();
    await until(() => server.events("ended").length === count, `session ${count} has ended`);
    expect(await listFamily(server.pid)).toHaveLength(1);
  }
});
