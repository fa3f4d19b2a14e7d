/**
 * `brood kill`: by session ID, by the PID that a child has at that moment,
 * several at once, and its output.
 */
import { expect, test } from "bun:test";
import { connectServed, connectManyServed } from "../../../harness/served-client.ts";
import { isRunning } from "../../../harness/processes.ts";
import { startServer } from "../../../harness/server.ts";
import { command, printed } from "./remote.ts";

test("by session ID it ends that child and no other, and prints what was sent", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await using other = await connectServed(server);
  const { id, pid } = served;
  expect(await printed(server, ["kill", id])).toBe(`PID ${pid} (${id}): TERM sent\n`);
  expect(await server.event("ended")).toMatchObject({ id, reason: "killed by operator" });
  await other.askTime();
});

test("a PID means the child that has it, and of several each gets its own line", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 3);
  const [first, second, third] = servedClients.all;
  const args = ["kill", "--wait", "--signal", "INT", `${first?.pid}`, second?.id ?? ""];
  const lines = (await printed(server, args)).split("\n");
  for (const [at, served] of [first, second].entries()) {
    const line = `PID ${served?.pid} \\(${served?.id}\\): INT sent, gone after \\d+(?: ms|\\.\\d s)`;
    expect(lines[at]).toMatch(new RegExp(`^${line}$`));
  }
  for (const served of [first, second]) {
    expect(await server.event("ended", ({ id }) => id === served?.id)).toMatchObject({
      signal: "SIGINT",
    });
  }
  await third?.askTime();
});

test("no process but a child is killed, whatever its PID", async () => {
  await using server = await startServer({ spares: 1 });
  await using served = await connectServed(server);
  await using bystander = Bun.spawn(["sleep", "100"]);
  for (const pid of [server.pid, bystander.pid, process.pid, 1]) {
    const { stdout, stderr, exitCode } = await command(server, ["kill", `${pid}`]);
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: "",
      stderr: `brood: ${pid}: no such child\n`,
      exitCode: 1,
    });
  }
  expect(server.events("signal sent")).toEqual([]);
  expect(isRunning(bystander.pid)).toBe(true);
  await served.askTime();
});

test("targets that have ended or never existed are reported, and the others are killed all the same", async () => {
  await using server = await startServer();
  await using gone = await connectServed(server);
  await using served = await connectServed(server);
  await gone.quit();
  await server.event("ended");
  const foreign = "zzzzzzzz-1";
  const { stdout, stderr, exitCode } = await command(server, ["kill", gone.id, foreign, served.id]);
  expect(stdout).toBe(`PID ${served.pid} (${served.id}): TERM sent\n`);
  expect(stderr).toBe(`brood: ${gone.id}: already ended\nbrood: ${foreign}: no such child\n`);
  expect(exitCode).toBe(1);
  await server.event("ended", ({ id }) => id === served.id);

  const again = await command(server, ["kill", "--json", gone.id, foreign]);
  expect(JSON.parse(again.stdout)).toEqual([
    { outcome: "already ended", target: gone.id },
    { outcome: "unknown", target: foreign },
  ]);
  expect(again).toMatchObject({ stderr: "", exitCode: 1 });
});

test("a child that does not end is a failure, and --then-kill sends KILL", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await served.freeze();
  const still = await command(server, ["kill", "--wait", served.id]);
  expect(still.stdout).toMatch(/TERM sent, still there after [1-9]\d*\.\d s/);
  expect(still.exitCode).toBe(1);
  const sure = await command(server, ["kill", "--wait", "--then-kill", "--json", served.id]);
  expect(sure).toMatchObject({ stderr: "", exitCode: 0 });
  expect(JSON.parse(sure.stdout)).toEqual([
    {
      outcome: "sent",
      target: served.id,
      id: served.id,
      pid: served.pid,
      signal: "TERM",
      sent: true,
      receipt: {
        by: "operator at 127.0.0.1",
        sent: ["TERM", "KILL"],
        outcome: "gone",
        ms: expect.any(Number),
        leftovers: 0,
      },
    },
  ]);
});

test("the outcomes of STOP and CONT are printed too", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  const send = (signal: string) =>
    printed(server, ["kill", "--wait", "--signal", signal, served.id]);
  expect(await send("STOP")).toEndWith(": STOP sent, stopped\n");
  expect(await send("CONT")).toEndWith(": CONT sent, running\n");
  await served.askTime();
});

const ID = "aaaaaaaa-1";
for (const args of [
  [],
  ["--signal", "USR1", ID],
  [ID, "-9"],
  ["*"],
  ["-1"],
  ["0"],
  ["--", "-1"],
  [""],
  [`${ID}/../x`],
]) {
  test(`kill ${args.join(" ")}: one line, and exit status 2`, async () => {
    const { stdout, stderr, exitCode } = await command({ url: "http://127.0.0.1:1/" }, [
      "kill",
      ...args,
    ]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toMatch(/^brood: [^\n]+\n$/);
  });
}
