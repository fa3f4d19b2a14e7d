/** The client program when things go wrong; its transcript is in transcript.test.ts. */
import { expect, test } from "bun:test";
import type { Socket } from "bun";
import { CLOSED_PORT } from "../../harness/connect.ts";
import { brood, run } from "../../harness/run.ts";
import { startServerWithoutPage } from "../../harness/server.ts";
import { openTerminal } from "../../harness/terminal.ts";

/** Starts a server that calls `answer` with each piece of data, on a free port. */
function fakeServer(answer: (socket: Socket, sent: string) => void) {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket, bytes) => answer(socket, bytes.toString()) },
  });
  return { port: listener.port, [Symbol.dispose]: () => listener.stop(true) };
}

test("a refused connection is reported plainly", async () => {
  const port = CLOSED_PORT;
  const { stdout, stderr, exitCode } = await run(brood("client", "127.0.0.1", port));
  expect(stdout).toBe("");
  expect(stderr).toMatch(new RegExp(`^brood: 127\\.0\\.0\\.1:${port}: [^\\n]+\\n$`));
  expect(stderr).toContain("Is the server running?");
  expect(exitCode).toBe(1);
});

test("an unknown host is reported plainly", async () => {
  const { stderr, exitCode } = await run(brood("client", "no-such-host.invalid", 65_000));
  expect(stderr).toMatch(/^brood: no-such-host\.invalid:65000: [^\n]+\n$/);
  expect(exitCode).toBe(1);
});

for (const args of [
  ["127.0.0.1", "http"],
  ["127.0.0.1", "0"],
  ["127.0.0.1", "65536"],
  ["a", "1", "b"],
]) {
  test(`client ${args.join(" ")}: bad arguments are one line and exit status 2`, async () => {
    const { stdout, stderr, exitCode } = await run(brood("client", ...args));
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^brood: client[^\n]+\n$/);
    expect(exitCode).toBe(2);
  });
}

test("a connection that the server closes while the person thinks is reported at once", async () => {
  await using server = await startServerWithoutPage();
  await using client = openTerminal(brood("client", "127.0.0.1", server.port));
  await client.shows("Enter command time or quit : ");
  const { pid } = await server.event("serving");
  process.kill(pid, "SIGKILL");
  await client.shows(/brood: the server closed the connection\. It sent: nothing\n/);
  expect(await client.exited()).toBe(1);
});

test("a connection closed before the whole reply is reported, with what was sent", async () => {
  using server = fakeServer((socket) => void socket.end("2003/05"));
  const { stdout, stderr, exitCode } = await run(brood("client", "127.0.0.1", server.port), {
    stdin: "time\n",
  });
  expect(stdout).not.toContain("recived data");
  expect(stderr).toBe("brood: the server closed the connection. It sent: 2003/05\n");
  expect(exitCode).toBe(1);
});

test("the reason of a full server is shown", async () => {
  await using server = await startServerWithoutPage({ maxClients: 1 });
  await using first = openTerminal(brood("client", "127.0.0.1", server.port));
  await first.shows("Enter command");
  const { stderr, exitCode } = await run(brood("client", "127.0.0.1", server.port), {
    stdin: "time\n",
  });
  expect(stderr).toBe("brood: the server closed the connection. It sent: too many clients\n");
  expect(exitCode).toBe(1);
});

test("what a hostile server sends reaches the terminal escaped", async () => {
  using server = fakeServer(
    (socket) => void socket.write("\x1b]0;x\x07\u202e\x9b2J\r\x08\0 and so on"),
  );
  const { stdout, stderr, exitCode } = await run(brood("client", "127.0.0.1", server.port), {
    stdin: "time\n",
  });
  expect(stderr).toContain("It sent: \\x1b]0;x\\x07\\u{202e}");
  expect(exitCode).toBe(1);
  expect(stdout + stderr).not.toMatch(/[^\n -~]/);
});

test("a command that is neither time nor quit is not sent, and the client asks again", async () => {
  await using server = await startServerWithoutPage();
  const { stdout, exitCode } = await run(brood("client", "127.0.0.1", server.port), {
    stdin: "hello\x1b[2J\n\nquit\n",
  });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("CLIENT >> hello\\x1b[2J is neither time nor quit\n");
  expect(stdout.match(/Enter command/g)).toHaveLength(3);
  expect(await server.event("ended")).toMatchObject({ requests: 1, bytesIn: 4 });
});

test("the end of its input ends the client, and the server sees it leave", async () => {
  await using server = await startServerWithoutPage();
  const { stderr, exitCode } = await run(brood("client", "127.0.0.1", server.port), {
    stdin: "time\n",
  });
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(await server.event("ended")).toMatchObject({ reason: "client left" });
});
