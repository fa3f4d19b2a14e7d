/** The real telnet, with a person at its keyboard. */
import { expect, test } from "bun:test";
import { startServerWithoutPage, type Server } from "../../../harness/server.ts";
import { openTerminal, type Terminal } from "../../../harness/terminal.ts";
import { until } from "../../../harness/until.ts";

const TIME_LINE = /\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\n/;

async function telnet(server: Server): Promise<Terminal> {
  const terminal = openTerminal(["telnet", "127.0.0.1", String(server.port)]);
  await terminal.shows("Escape character is '^]'.\n");
  return terminal;
}

test("telnet shows the time, then quit and that the server has closed the connection", async () => {
  await using server = await startServerWithoutPage();
  await using terminal = await telnet(server);
  terminal.type("time\r");
  await terminal.shows(TIME_LINE);
  terminal.type("quit\r");
  await terminal.exited();
  const [before, after] = terminal.screen.split(TIME_LINE);
  expect(before).toEndWith("Escape character is '^]'.\ntime\n");
  expect(after).toBe("quit\nquit\nConnection closed by foreign host.\n");
  const ended = await server.event("ended");
  expect(ended).toMatchObject({ reason: "quit", requests: 2, bytesIn: 12, bytesOut: 27 });
});

test("after Ctrl-C telnet still shows the replies", async () => {
  await using server = await startServerWithoutPage();
  await using terminal = await telnet(server);
  terminal.type("time\r");
  await terminal.shows(TIME_LINE);
  terminal.type("\x03");
  await terminal.shows("^C");
  terminal.type("time\r");
  await terminal.shows(TIME_LINE);
  terminal.type("quit\r");
  await terminal.exited();
  expect(terminal.screen).toEndWith("quit\nquit\nConnection closed by foreign host.\n");
  const ended = await server.event("ended");
  // telnet did send its interrupt, and it was no request.
  expect(ended.bytesIn).toBeGreaterThan("time\r\ntime\r\nquit\r\n".length);
  expect(ended.requests).toBe(3);
});

test("telnet in character mode gets the same replies", async () => {
  await using server = await startServerWithoutPage();
  await using terminal = await telnet(server);
  terminal.type("\x1d");
  await terminal.shows("telnet> ");
  terminal.type("mode character\r");
  await terminal.shows("mode character\n");
  await until(() => !terminal.isEchoing, "telnet turns the terminal's echo off");
  terminal.type("t");
  terminal.type("im");
  terminal.type("e");
  // What was typed is sent without the return key, and not echoed.
  await terminal.shows(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/);
  terminal.type("\r");
  await terminal.shows("\n");
  for (const key of "quit") terminal.type(key);
  await terminal.shows("quit");
  await terminal.exited();
  expect(terminal.screen).toEndWith("quitConnection closed by foreign host.\n");
  expect(await server.event("ended")).toMatchObject({ reason: "quit", requests: 2 });
});
