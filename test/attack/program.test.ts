/** The directory of the children's program, when a job cleans up /tmp, or a child attacks it. */
import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempDisposableSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connect } from "../harness/connect.ts";
import { type Flags, type Server, startServerWithoutPage } from "../harness/server.ts";
import { SERVERS } from "./servers.ts";
import { KINDS, shell } from "./shell.ts";

/** Each with how its client sees that it is served. `--exec` has no program of brood's. */
const EXPECT_SERVED: Record<string, (client: Client) => Promise<void>> = {
  "the time": async (client) => {
    await client.send("time\n");
    expect(await client.readUntil("\n")).toMatch(/^[\d/]{10} [\d:]{8}\n$/);
  },
  "the chat": async (client) => {
    await client.send("/nonsense\r\n");
    await client.readUntil("name");
  },
  "a module": expectShell,
  "a program in a terminal": expectShell,
};

async function expectShell(client: Client): Promise<void> {
  expect((await shell(client, "echo served")).output).toBe("served\n");
}

async function start(name: string, kind: string, flags: Flags = {}) {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(mkdtempDisposableSync(join(tmpdir(), "test-program-"))).path;
  await Bun.$`chmod 755 ${folder}`;
  const { flags: common, circumstances } = SERVERS[name] ?? {};
  const service = (await KINDS[kind]?.(folder)) ?? (kind === "the chat" ? { service: "chat" } : {});
  const all = { ...common, ...service, ...flags };
  const server = stack.use(await startServerWithoutPage(all, circumstances));
  return { server, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function programOf(server: Server): string {
  const names = readdirSync(server.directory);
  const name = names.find((one) => existsSync(join(server.directory, one, "server")));
  if (name === undefined) throw new Error(`no program among ${names.join(" ")}`);
  return join(server.directory, name);
}

/** What a job that cleans up may remove. */
const REMOVALS: Record<string, (program: string) => void> = {
  "its directory": (program) => rmSync(program, { recursive: true }),
  "its files": (program) => {
    for (const file of readdirSync(program)) rmSync(join(program, file));
  },
};

for (const name of Object.keys(SERVERS)) {
  describe(name, () => {
    for (const [kind, expectServed] of Object.entries(EXPECT_SERVED)) {
      for (const spares of kind === "a program in a terminal" ? [0] : [0, 1]) {
        test(`serves each client of ${kind} though its program is removed again and again, with ${spares} spares`, async () => {
          await using stack = new AsyncDisposableStack();
          const { server } = stack.use(await start(name, kind, { spares }));
          const clients = [stack.use(await connect(server.port))];
          await expectServed(clients[0] as Client);
          for (const remove of Object.values(REMOVALS)) {
            remove(programOf(server));
            for (let next = 0; next < 2; next += 1) {
              clients.push(stack.use(await connect(server.port)));
              for (const client of clients) await expectServed(client);
            }
          }
          // A spare that was starting meanwhile may be lost.
          if (spares === 0) expect(server.events("warning")).toEqual([]);
        });
      }
    }
  });
}

for (const kind of ["a module", "a program in a terminal"]) {
  describe(`the client of ${kind}, of an ordinary user's server`, () => {
    test("cannot write to the program that was made in place of one that was removed", async () => {
      await using found = await start("an ordinary user's server", kind);
      const { server } = found;
      rmSync(programOf(server), { recursive: true });
      await using client = await connect(server.port);
      await expectShell(client);
      const program = programOf(server);
      expect((await shell(client, `: > ${program}/forged`)).status).not.toBe(0);
      expect((await shell(client, `rm -r ${program}`)).status).not.toBe(0);
      expect(programOf(server)).toBe(program);
    });
  });
}
