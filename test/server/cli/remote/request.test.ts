/** What the commands print if there is no server, if it is not ours, or if it refuses them. */
import { expect, test } from "bun:test";
import { connectServed } from "../../../harness/served-client.ts";
import { CLOSED_PORT } from "../../../harness/connect.ts";
import { brood, run } from "../../../harness/run.ts";
import { startServer } from "../../../harness/server.ts";
import { command } from "./remote.ts";

const COMMANDS = [["ps"], ["tree"], ["tree", "--json"], ["kill", "aaaaaaaa-1"]];

/** Starts a web server with one answer to everything. */
function otherServer(answer: () => Response) {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  return { url: `${server.url}`, [Symbol.asyncDispose]: () => server.stop(true) };
}

for (const args of COMMANDS) {
  const name = args.join(" ");

  test(`${name}: no server is one line, and exit status 1`, async () => {
    const url = `http://127.0.0.1:${CLOSED_PORT}/`;
    const stderr = `brood: ${url}: connection refused. Is the server running, with its page at this address?\n`;
    expect(await command({ url }, args)).toEqual({ stdout: "", stderr, exitCode: 1 });
  });

  test(`${name}: the password is required, checked, and taken from the environment`, async () => {
    const env = { BROOD_DASHBOARD_PASSWORD: "secret" };
    await using server = await startServer({}, { env });
    const { url } = server;
    const without = await command(server, args);
    const required = `brood: ${url} requires a password: set BROOD_DASHBOARD_PASSWORD.\n`;
    expect(without).toEqual({ stdout: "", stderr: required, exitCode: 1 });
    const wrong = await command(server, args, { BROOD_DASHBOARD_PASSWORD: "wrong" });
    const rejected = `brood: ${url} rejects this password (BROOD_DASHBOARD_PASSWORD).\n`;
    expect(wrong).toEqual({ stdout: "", stderr: rejected, exitCode: 1 });
    const { stderr } = await command(server, args, env);
    expect(stderr).toBe(name === "kill aaaaaaaa-1" ? "brood: aaaaaaaa-1: no such child\n" : "");
  });

  for (const [what, answer] of [
    [
      "another server's page",
      () => new Response("<h1>hello</h1>", { headers: { "Content-Type": "text/html" } }),
    ],
    ["another server's JSON", () => Response.json({ hello: "you" })],
    ["a redirect", () => Response.redirect("http://127.0.0.1:1/")],
    ["a 404", () => new Response("\x1b[2Jno", { status: 404 })],
  ] as const) {
    test(`${name}: ${what} is reported as not brood's`, async () => {
      await using other = otherServer(answer);
      const { stdout, stderr, exitCode } = await command(other, args);
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
      expect(stderr).toMatch(/^brood: http:[^\n]+ is not a brood server's page, [ -~]+\n$/);
    });
  }

  test(`${name}: the reason for a 403 is printed, without its control characters`, async () => {
    await using other = otherServer(() => new Response("\x1b[2Jnot you\nnever", { status: 403 }));
    const { stderr, exitCode } = await command(other, args);
    expect(stderr).toBe(`brood: ${other.url}: permission denied: \\x1b[2Jnot you\n`);
    expect(exitCode).toBe(1);
  });
}

test("a connection lost within a reply is one line", async () => {
  using listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data: (socket) => {
        socket.write(
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n[{",
        );
        socket.end();
      },
    },
  });
  const { stdout, stderr, exitCode } = await command({ url: `http://127.0.0.1:${listener.port}` }, [
    "ps",
  ]);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
  expect(stderr).toMatch(/^brood: http:[^\n]+\n$/);
});

test("the log names the operator of a kill: --user, or else the login", async () => {
  const env = { BROOD_DASHBOARD_PASSWORD: "secret" };
  await using server = await startServer({}, { env });
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await command(server, ["kill", "--user", "anna", first.id], { ...env, USER: "root" });
  await command(server, ["kill", second.id], { ...env, USER: "berta" });
  const by = async (id: string) => (await server.event("signal sent", (sent) => sent.id === id)).by;
  expect(await by(first.id)).toBe("anna at 127.0.0.1");
  expect(await by(second.id)).toBe("berta at 127.0.0.1");
});

for (const url of ["", "frob", "ftp://a", "http://anna:secret@127.0.0.1"]) {
  test(`--url ${url}: one line without the password, and exit status 2`, async () => {
    const { stdout, stderr, exitCode } = await run(brood("ps", "--url", url));
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toMatch(/^brood: --url: [^\n]+\n$/);
    expect(stderr).not.toContain("secret");
  });
}

test("--url wins over BROOD_URL, and no proxy is used for this machine", async () => {
  await using server = await startServer();
  const elsewhere = `http://127.0.0.1:${CLOSED_PORT}/`;
  const env = { BROOD_URL: elsewhere, http_proxy: elsewhere, HTTP_PROXY: elsewhere };
  const outcome = await run(brood("ps", "--url", server.url.replace(/\/$/, "")), { env });
  expect(outcome).toMatchObject({ stderr: "", exitCode: 0 });
});

test("--help lists the commands, and each has its own help", async () => {
  const { stdout } = await run(brood("--help"));
  for (const [name = ""] of COMMANDS) {
    expect(stdout).toContain(`\n  brood ${name}`);
    const own = await run(brood(name, "--help"));
    expect(own).toMatchObject({ stderr: "", exitCode: 0 });
    expect(own.stdout).toStartWith(`brood ${name} [flags]`);
    expect(own.stdout).toContain("\n  --url URL ");
  }
});
