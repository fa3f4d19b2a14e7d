/** How the master ends: every child first, nothing left behind (which `startServer` checks). */
import { expect, test } from "bun:test";
import { connect } from "../harness/connect.ts";
import { freeze } from "../harness/processes.ts";
import { brood } from "../harness/run.ts";
import { startServer } from "../harness/server.ts";
import { openTerminal } from "../harness/terminal.ts";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} ends the children, then the master, with exit status 0`, async () => {
    await using server = await startServer();
    await using first = await connect(server.port);
    await using second = await connect(server.port);
    await server.event("serving", ({ remotePort }) => remotePort === first.port);
    await server.event("serving", ({ remotePort }) => remotePort === second.port);
    server.signal(signal);
    expect(await server.exited()).toBe(0);
    expect(await first.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(await second.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(await server.event("stopping")).toMatchObject({ signal, live: 2 });
    const ended = { reason: "server stopped", signal: "SIGTERM" };
    expect(server.events("ended")).toMatchObject([ended, ended]);
    expect(await server.event("stopped")).toMatchObject({ accepted: 2, refused: 0 });
  });
}

test("while the master stops it accepts nobody", async () => {
  await using server = await startServer();
  await using client = await connect(server.port);
  const { pid } = await server.event("serving");
  await freeze(pid);
  server.signal("SIGTERM");
  await server.event("stopping");
  await expect(connect(server.port)).rejects.toThrow();
  process.kill(pid, "SIGCONT");
  expect(await server.exited()).toBe(0);
  await client.readToEnd();
});

test("a second signal ends at once what the first could not", async () => {
  await using server = await startServer();
  await using client = await connect(server.port);
  const { pid } = await server.event("serving");
  await freeze(pid);
  server.signal("SIGTERM");
  await server.event("stopping");
  server.signal("SIGTERM");
  expect(await server.exited()).toBe(0);
  expect(await server.event("ended")).toMatchObject({ signal: "SIGKILL" });
  await client.readToEnd();
});

test("a child that does not heed the first signal is killed after a while", async () => {
  await using server = await startServer();
  await using client = await connect(server.port);
  const { pid } = await server.event("serving");
  await freeze(pid);
  server.signal("SIGTERM");
  expect(await server.exited()).toBe(0);
  expect(await server.event("ended")).toMatchObject({ signal: "SIGKILL" });
  await client.readToEnd();
});

test("Ctrl-C in the server's terminal reaches the master alone, which ends the children", async () => {
  const flags = ["--port", "0", "--dashboard", "off"];
  await using terminal = openTerminal(brood("serve", ...flags));
  await terminal.shows(/listening on 127\.0\.0\.1 port \d+/);
  const port = Number(/port (\d+)/.exec(terminal.screen)?.[1]);
  await using client = await connect(port);
  await terminal.shows("child serving");
  terminal.type("\x03");
  await terminal.shows("SIGINT received, stopping 1 live child");
  await terminal.shows("ended: server stopped (SIGTERM)");
  expect(await terminal.exited()).toBe(0);
  expect(await client.readToEnd()).toEqual({ text: "", end: "clean" });
});
