/** `brood ps`: the children as a table and as JSON, filtered and sorted, and on a terminal. */
import { expect, test } from "bun:test";
import { connectServed, connectManyServed } from "../../../harness/served-client.ts";
import { brood, run } from "../../../harness/run.ts";
import { startServer } from "../../../harness/server.ts";
import { openTerminal } from "../../../harness/terminal.ts";
import { until } from "../../../harness/until.ts";
import { command, fields, printed } from "./remote.ts";

const TITLES = [
  "PID",
  "ID",
  "CLIENT",
  "AGE",
  "IDLE",
  "CPU%",
  "MEM",
  "IN",
  "OUT",
  "STATE",
  "COMMAND",
];

test("a line for each child, in columns, with its resource usage and last command", async () => {
  await using server = await startServer();
  expect(fields(await printed(server, ["ps"]))).toEqual([TITLES]);
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await first.askTime();
  await server.event("request");
  await second.freeze();

  const text = await printed(server, ["ps"]);
  const [titles, one, two, ...more] = fields(text);
  expect(titles).toEqual(TITLES);
  expect(more).toEqual([]);
  const time = expect.stringMatching(/^\d+s$/);
  const cpu = expect.stringMatching(/^\d+\.\d$/);
  const memory = expect.stringMatching(/^[\d.]+M$/);
  const { id, address } = first;
  const figures = [time, time, cpu, memory];
  expect(one).toEqual([`${first.pid}`, id, address, ...figures, "4", "19", "serving", "time"]);
  expect(two).toEqual([
    `${second.pid}`,
    second.id,
    second.address,
    ...figures,
    "0",
    "0",
    "stopped",
    "-",
  ]);
  const places = text.split("\n").slice(0, 3);
  const at = places.map((line) => line.search(/STATE|serving|stopped/));
  expect(new Set(at).size).toBe(1);

  const rows = await printed(server, ["ps", "--no-header"]);
  expect(fields(rows).map(([pid]) => pid)).toEqual([`${first.pid}`, `${second.pid}`]);
});

test("as JSON it prints what the API returns", async () => {
  await using server = await startServer();
  expect(JSON.parse(await printed(server, ["ps", "--json"]))).toEqual([]);
  await using served = await connectServed(server);
  await using _other = await connectServed(server);
  const listed = JSON.parse(await printed(server, ["ps", "--json"])) as unknown[];
  expect(listed).toHaveLength(2);
  expect(listed[0]).toMatchObject({
    id: served.id,
    pid: served.pid,
    stopped: false,
    below: null,
    cpuPercent: expect.any(Number),
    privateBytes: expect.any(Number),
    residentBytes: expect.any(Number),
  });
});

test("sorted with the most interesting first, reversed, and filtered", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 3);
  const [first, second, third] = servedClients.all.map(({ pid }) => `${pid}`);
  await servedClients.all[1]?.askTime(3);
  await servedClients.all[2]?.askTime(1);
  await until(() => server.events("request").length === 4, "all requests are logged");
  const pids = async (...args: string[]) =>
    fields(await printed(server, ["ps", "--no-header", ...args])).map(([pid]) => pid);
  expect(await pids()).toEqual([first, second, third]);
  expect(await pids("--reverse")).toEqual([third, second, first]);
  expect(await pids("--sort", "out")).toEqual([second, third, first]);
  expect(await pids("--sort=out", "--reverse")).toEqual([first, third, second]);
  expect(await pids("--filter", `${servedClients.all[1]?.client.port}`)).toEqual([second]);
  expect(await printed(server, ["ps", "--filter", "nobody"])).toStartWith("PID  ID");
});

test("on a terminal no line is wider than the terminal", async () => {
  await using server = await startServer();
  await using _guest = await connectServed(server);
  const whole = await printed(server, ["ps"]);
  await using narrow = openTerminal([
    "sh",
    "-c",
    `stty cols 40; exec ${brood("ps", "--url", server.url).join(" ")}`,
  ]);
  expect(await narrow.exited()).toBe(0);
  const cut = whole.split("\n").map((line) => line.slice(0, 40));
  expect(whole.length).toBeGreaterThan(cut.join("\n").length);
  const figures = /\d+s|\d\.\d/g; // they may have changed in between
  expect(narrow.screen.replace(figures, "#")).toBe(cut.join("\n").replace(figures, "#"));
});

test("what a client sent reaches the terminal escaped", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await served.client.send("\x1b]2;x\x07\n");
  await server.event("request");
  const text = await printed(server, ["ps"]);
  expect(text).toContain("\\x1b]2;");
  expect(text).not.toMatch(/[^\n\x20-\x7e]/);
});

test("a reader that has seen enough is not a failure", async () => {
  await using server = await startServer();
  await using _guests = await connectManyServed(server, 3);
  const shell = `${brood("ps").join(" ")} | head -n 1; echo $?`;
  const { stdout, stderr } = await run(["bash", "-o", "pipefail", "-c", shell], {
    env: { BROOD_URL: server.url },
  });
  expect({ status: stdout.split("\n")[1], stderr }).toEqual({ status: "0", stderr: "" });
});

for (const args of [["--frob"], ["--sort"], ["--sort", "frob"], ["somebody"], ["--json=1"]]) {
  test(`ps ${args.join(" ")}: one line, and exit status 2`, async () => {
    const { stdout, stderr, exitCode } = await command({ url: "http://127.0.0.1:1/" }, [
      "ps",
      ...args,
    ]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toMatch(/^brood: [^\n]+\n$/);
  });
}
