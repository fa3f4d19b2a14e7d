/** HUP: the options file is read again while the server runs. */
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../harness/connect.ts";
import { isRunning } from "../../harness/processes.ts";
import { brood, run } from "../../harness/run.ts";
import { type Server, startServer, startServerWithoutPage } from "../../harness/server.ts";
import { readStatus } from "../../harness/status.ts";
import { openTerminal } from "../../harness/terminal.ts";
import { until } from "../../harness/until.ts";
import { expectServed } from "../child/served.ts";

/** An options file that is removed after the test. */
function configFile(toml: string) {
  const directory = mkdtempSync(join(tmpdir(), "test-config-"));
  const path = join(directory, "brood.toml");
  const write = (text: string) => writeFileSync(path, text);
  write(toml);
  return {
    path,
    write,
    remove: () => rmSync(path),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}

/** Sends HUP and returns the changes that the log lists. */
async function reloaded(server: Server): Promise<readonly string[]> {
  const count = server.events("reloaded").length;
  server.signal("SIGHUP");
  await until(() => server.events("reloaded").length > count, "the options are read again");
  return server.events("reloaded").at(-1)?.changed ?? [];
}

async function warned(server: Server, text: string): Promise<void> {
  server.signal("SIGHUP");
  await server.event("warning", ({ message }) => message.includes(text));
}

test("new limits hold for clients that come from then on; those already there stay", async () => {
  using config = configFile("max-clients = 3");
  await using server = await startServerWithoutPage({ config: config.path });
  await using first = await connect(server.port);
  await using second = await connect(server.port);
  for (const client of [first, second]) await expectServed(client);

  config.write('max-clients = 1\nidle-timeout = "300ms"\ndeny = ["127.0.0.8", "127.0.0.9"]');
  expect(await reloaded(server)).toEqual([
    "max-clients 3 → 1",
    "deny none → 127.0.0.8/32, 127.0.0.9/32",
    "idle-timeout none → 300 ms",
  ]);
  await using third = await connect(server.port);
  expect((await third.readToEnd()).text).toBe("too many clients\r\n");
  await using denied = await connect(server.port, { from: "127.0.0.9" });
  expect((await denied.readToEnd()).text).toBe("address not allowed\r\n");

  config.write('max-clients = 3\nidle-timeout = "300ms"');
  await reloaded(server);
  await using fourth = await connect(server.port);
  await fourth.readToEnd();
  const ended = await server.event("ended");
  expect(ended).toMatchObject({ remotePort: fourth.port, reason: "idle" });
  // The first two have been silent for longer, but began without an idle timeout.
  for (const client of [first, second]) await expectServed(client);
});

test("flags and the environment take precedence over the file", async () => {
  using config = configFile("max-clients = 3\nmax-per-source = 3");
  const env = { BROOD_CONFIG: config.path, BROOD_MAX_PER_SOURCE: "7" };
  await using server = await startServer({ maxClients: 5 }, { env });
  const limits = async () =>
    Object.fromEntries((await readStatus(server)).limits.map(({ name, value }) => [name, value]));
  expect(await limits()).toMatchObject({ "max-clients": "5", "max-per-source": "7" });
  config.write("max-clients = 4\nmax-per-source = 4");
  expect(await reloaded(server)).toEqual([]);
  expect(await limits()).toMatchObject({ "max-clients": "5", "max-per-source": "7" });
});

test("an error in the file is one warning, and the old limits stay", async () => {
  using config = configFile("max-clients = 1");
  await using server = await startServerWithoutPage({ config: config.path });
  await using first = await connect(server.port);
  await expectServed(first);
  for (const [toml, complaint] of [
    ["max-clients = ", "not valid TOML"],
    ["max-clients = 0", '--max-clients: "0" is not a number'],
    ["max-client = 2", '"max-client" is not an option'],
    ["max-clients = { at = 2 }", "max-clients must be a string, a number or a list"],
    ['config = "other.toml"', '"config" is not an option'],
  ] as const) {
    config.write(toml);
    await warned(server, complaint);
    await using other = await connect(server.port);
    expect((await other.readToEnd()).text).toBe("too many clients\r\n");
  }
  config.remove();
  await warned(server, "no such file");
  expect(server.events("reloaded")).toBeEmpty();
  expect(server.events("warning")).toHaveLength(6);
  await expectServed(first);
});

test("options that only a restart can change are a warning", async () => {
  using config = configFile("");
  await using server = await startServerWithoutPage({ config: config.path });
  config.write('orphans = "leave"\nuser = "1"\nmax-clients = 2');
  await warned(server, "--orphans, --user");
  expect(server.events("reloaded")).toMatchObject([{ changed: ["max-clients 1,000 → 2"] }]);
});

test("an error in the file at the start is one line on stderr and exit status 2", async () => {
  using config = configFile("prot = 1");
  const outcome = await run(brood("serve", "--config", config.path));
  expect(outcome).toMatchObject({ stdout: "", exitCode: 2 });
  expect(outcome.stderr).toBe(
    `brood: --config ${config.path}: "prot" is not an option. Try --help.\n`,
  );
});

test("HUP by hand does not end a server in a terminal, closing the terminal does", async () => {
  const terminal = openTerminal(brood("serve", "--port", 0, "--dashboard", "off"));
  await terminal.shows("listening on");
  process.kill(terminal.pid, "SIGHUP");
  await terminal.shows("options reloaded: nothing changed");
  expect(isRunning(terminal.pid)).toBe(true);
  terminal.close();
  await until(() => !isRunning(terminal.pid), "the server has ended");
});

test("under nohup the server outlives its terminal", async () => {
  using output = configFile("");
  const serve = brood("serve", "--port", 0, "--dashboard", "off");
  const terminal = openTerminal(["bash", "-c", 'exec nohup "$@" > "$0"', output.path, ...serve]);
  const hasPrinted = (text: string) => readFileSync(output.path, "utf8").includes(text);
  await until(() => hasPrinted("listening on"), "it listens");
  terminal.close();
  await until(() => hasPrinted("options reloaded"), "it has handled the hangup");
  process.kill(terminal.pid, "SIGTERM");
  await until(() => hasPrinted("stopped after 0 clients"), "TERM ends it");
});
