/** `brood pause`, `resume` and `drain`. */
import { expect, test } from "bun:test";
import { connectServed } from "../../../harness/served-client.ts";
import { connect } from "../../../harness/connect.ts";
import { startServer } from "../../../harness/server.ts";
import { untilEqual } from "../../../harness/until.ts";
import { readStatus } from "../../../harness/status.ts";
import { command, printed } from "./remote.ts";

test("while the server is paused a client waits until it is resumed", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  expect(await printed(server, ["pause"])).toBe("paused\n");
  await using waiting = await connect(server.port);
  await waiting.send("time");
  await served.askTime(); // live clients stay
  expect(server.events("accepted")).toHaveLength(1);
  expect(JSON.parse(await printed(server, ["resume", "--json"]))).toMatchObject({
    state: "accepting",
  });
  await waiting.read(19);
});

test("a drained server lets live clients finish, then ends", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  expect(await printed(server, ["drain", "1h"])).toBe("draining\n");
  expect(await server.event("drain requested")).toMatchObject({ ms: 3_600_000 });
  await untilEqual(async () => (await readStatus(server)).state, "draining");
  await served.askTime();
  await served.quit();
  expect(await server.exited()).toBe(0);
});

test("an operator who may only look is refused", async () => {
  await using server = await startServer({}, { env: { BROOD_DASHBOARD_READONLY: "1" } });
  await using served = await connectServed(server);
  for (const args of [["pause"], ["resume"], ["drain"], ["kill", served.id]]) {
    const { stdout, stderr, exitCode } = await command(server, args);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
    expect(stderr).toMatch(
      /^brood: http:\S+ permission denied: You may watch, but not act[^\n]+\n$/,
    );
  }
  expect((await readStatus(server)).state).toBe("accepting");
  await served.askTime();
});

test("the watch password is enough to look", async () => {
  const env = { BROOD_DASHBOARD_PASSWORD: "act", BROOD_DASHBOARD_WATCH_PASSWORD: "look" };
  await using server = await startServer({}, { env });
  const watcher = { BROOD_DASHBOARD_WATCH_PASSWORD: "look" };
  expect(await command(server, ["ps"], watcher)).toMatchObject({ stderr: "", exitCode: 0 });
  const { stderr, exitCode } = await command(server, ["pause"], watcher);
  expect(stderr).toContain("permission denied: You may watch");
  expect(exitCode).toBe(1);
});

for (const args of [
  ["pause", "1m"],
  ["resume", "x"],
  ["drain", "soon"],
  ["drain", "1m", "2m"],
  ["drain", "-1m"],
]) {
  test(`${args.join(" ")}: one line, and exit status 2`, async () => {
    const { stdout, stderr, exitCode } = await command({ url: "http://127.0.0.1:1/" }, args);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toMatch(/^brood: [^\n]+\n$/);
  });
}

test("the server's reason for refusing a drain of more than a day is printed", async () => {
  await using server = await startServer();
  const { stderr, exitCode } = await command(server, ["drain", "48h"]);
  expect(stderr).toContain(
    "answered 400: time must be a duration such as 90s, 10m or 2h, and at most 24h",
  );
  expect(exitCode).toBe(1);
});
