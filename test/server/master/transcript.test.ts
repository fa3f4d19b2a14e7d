/** The tutorial's transcripts, (1) to (7), byte for byte. */
import { expect, test } from "bun:test";
import { connect } from "../../harness/connect.ts";
import { brood, run } from "../../harness/run.ts";
import { startServerWithoutPage, type Server } from "../../harness/server.ts";
import { openTerminal, type Terminal } from "../../harness/terminal.ts";

/**
 * The server's lines for clients at these ports, each of which asks for the time and
 * then quits, in this order.
 */
function serverTranscript(ports: readonly number[]): string {
  const arrivals = ports.map(
    (port) => `SERVER >> client connect : 127.0.0.1:${port}
SERVER >> fork
SERVER >> fork
SERVER >> recive data : time
SERVER >> client(${port}) time data request
`,
  );
  const departures = ports.map(
    (port) => `SERVER >> recive data : quit
SERVER >> client(${port}) quit request
`,
  );
  return [...arrivals, ...departures].join("");
}

/** A client's lines, with a placeholder for the time. */
function clientTranscript(port: number): string {
  return `CLIENT >> socket connect to 127.0.0.1:${port}
CLIENT >> Enter command time or quit : time
CLIENT >> Input command : time
CLIENT >> recived data : YYYY/MM/DD HH:MM:SS
CLIENT >> Enter command time or quit : quit
CLIENT >> Input command : quit
`;
}

function withoutTheTime(transcript: string): string {
  return transcript.replace(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/, "YYYY/MM/DD HH:MM:SS");
}

test("for three bare clients that ask for the time and quit, the server prints the tutorial's lines", async () => {
  await using server = await startServerWithoutPage({ log: "tutorial" });
  await using first = await connect(server.port);
  await asked(server, first);
  await using second = await connect(server.port);
  await asked(server, second);
  await using third = await connect(server.port);
  await asked(server, third);
  for (const client of [first, second, third]) {
    await client.send("quit");
    expect(await client.readToEnd()).toEqual({ text: "quit", end: "clean" });
    await server.prints(`client(${client.port}) quit request\n`);
  }
  await server.stop();
  expect(server.stdout).toBe(serverTranscript([first.port, second.port, third.port]));

  async function asked(to: Server, client: typeof first): Promise<void> {
    await to.prints(`client connect : 127.0.0.1:${client.port}\nSERVER >> fork\nSERVER >> fork\n`);
    await client.send("time");
    expect(withoutTheTime(await client.read(19))).toBe("YYYY/MM/DD HH:MM:SS");
    await to.prints(`client(${client.port}) time data request\n`);
  }
});

test("three client programs in terminals and their server print the tutorial's lines", async () => {
  await using server = await startServerWithoutPage({ log: "tutorial" });
  const command = brood("client", "127.0.0.1", server.port);
  await using first = openTerminal(command);
  await asked(first, 1);
  await using second = openTerminal(command);
  await asked(second, 2);
  await using third = openTerminal(command);
  await asked(third, 3);
  const clients = [first, second, third];
  const ports = Array.from(server.stdout.matchAll(/connect : 127\.0\.0\.1:(\d+)/g), ([, port]) =>
    Number(port),
  );
  expect(ports).toHaveLength(3);
  for (const [index, client] of clients.entries()) {
    client.type("quit\r");
    expect(await client.exited()).toBe(0);
    await server.prints(`client(${ports[index]}) quit request\n`);
  }
  await server.stop();
  expect(server.stdout).toBe(serverTranscript(ports));
  for (const client of clients) {
    expect(withoutTheTime(client.screen)).toBe(clientTranscript(server.port));
  }

  async function asked(client: Terminal, count: number): Promise<void> {
    await client.shows("Enter command time or quit : ");
    await server.prints("SERVER >> fork\n", 2 * count);
    client.type("time\r");
    await client.shows("recived data : ");
    await client.shows("Enter command time or quit : ");
    await server.prints("time data request\n", count);
  }
});

test("the client program prints the same transcript when its commands come through a pipe", async () => {
  await using server = await startServerWithoutPage();
  const { stdout, stderr, exitCode } = await run(brood("client", "127.0.0.1", server.port), {
    stdin: "time\nquit\n",
  });
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(withoutTheTime(stdout)).toBe(clientTranscript(server.port));
});
