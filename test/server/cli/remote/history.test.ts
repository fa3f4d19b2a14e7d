/** `brood history`: live and ended sessions. */
import { expect, test } from "bun:test";
import { connectServed } from "../../../harness/served-client.ts";
import { startServer } from "../../../harness/server.ts";
import { untilEqual } from "../../../harness/until.ts";
import { command, fields, printed } from "./remote.ts";

test("a line for each session, newest first, with the reason for its end", async () => {
  await using server = await startServer();
  await using quit = await connectServed(server);
  await quit.askTime();
  await quit.quit();
  await server.event("ended");
  await using killed = await connectServed(server);
  await printed(server, ["kill", "--wait", killed.id]);
  await using live = await connectServed(server);

  const ids = async (...args: string[]) =>
    fields(await printed(server, ["history", "--no-header", ...args])).map(([, id]) => id);
  await untilEqual(() => ids(), [live.id, killed.id, quit.id]);
  const text = await printed(server, ["history"]);
  const [titles, ...rows] = fields(text);
  const TITLES = "STARTED ID PID CLIENT DURATION FIRST REQ IN OUT CPU MEM REASON";
  expect(titles).toEqual(TITLES.split(" "));
  const last = rows.at(-1);
  expect(last).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    quit.id,
    `${quit.pid}`,
    quit.address,
    expect.stringMatching(/^\d+s$/),
    expect.stringMatching(/^\d+ms$/),
    "2",
    "9",
    "24",
    expect.stringMatching(/^\d+ms$/),
    expect.stringMatching(/^[\d.]+M$/),
    "quit",
  ]);
  expect(rows.map((row) => row.at(-1))).toEqual(["live", "killed by operator (SIGTERM)", "quit"]);
  expect(await ids("--reason", "quit")).toEqual([quit.id]);
  expect(await ids("--address", "127.0.0")).toHaveLength(3);
  expect(await printed(server, ["history", "--address", "10.", "--no-header"])).toBe("");
  expect(await ids("--since", "1h", "--limit", "2")).toEqual([live.id, killed.id]);

  const json = (await printed(server, ["history", "--json"])).trimEnd().split("\n");
  expect(json.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ id: live.id, reason: "live", endedAt: null }),
    expect.objectContaining({ id: killed.id, signal: "SIGTERM" }),
    expect.objectContaining({ id: quit.id, bytesIn: 9, requests: 2, reason: "quit" }),
  ]);
});

test("pages are requested until there are enough sessions", async () => {
  let asked: (string | null)[] = [];
  const all = Array.from({ length: 2500 }, (_, at) => ({ id: `a-${at}`, startedAt: new Date(0) }));
  await using fake = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const { searchParams } = new URL(request.url);
      asked.push(searchParams.get("limit"));
      const after = Number(searchParams.get("after") ?? 0);
      const end = after + Number(searchParams.get("limit"));
      const next = end < all.length ? String(end) : null;
      return Response.json({ sessions: all.slice(after, end), next });
    },
  });
  const lines = async (limit: number) => {
    asked = [];
    const args = ["history", "--json", "--limit", `${limit}`];
    return (await printed({ url: `${fake.url}` }, args)).trimEnd().split("\n");
  };
  expect(await lines(2100)).toEqual(all.slice(0, 2100).map((one) => JSON.stringify(one)));
  expect(asked).toEqual(["1000", "1000", "100"]);
  expect(await lines(9000)).toHaveLength(2500);
  expect(asked).toEqual(["1000", "1000", "1000"]);
});

for (const args of [
  ["--since", "yesterday"],
  ["--since", "0h"],
  ["--limit", "0"],
  ["--limit", "many"],
  ["--reason", "boredom"],
  ["me"],
]) {
  test(`history ${args.join(" ")}: one line, and exit status 2`, async () => {
    const { stdout, stderr, exitCode } = await command({ url: "http://127.0.0.1:1/" }, [
      "history",
      ...args,
    ]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toMatch(/^brood: [^\n]+\n$/);
  });
}
