/**
 * Bun looks for packages and settings in every directory above a program, and at npm. What an
 * earlier client or another user of the machine has left there is not loaded by later children.
 */
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempDisposableSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Client, connect } from "../harness/connect.ts";
import { AS_ORDINARY_USER, executableForOrdinaryUser } from "../harness/ordinary-user.ts";
import { makePrivateDirectory } from "../harness/private-directory.ts";
import { run, SOURCE } from "../harness/run.ts";
import { type Circumstances, type Flags, startServerWithoutPage } from "../harness/server.ts";
import { SERVERS } from "./servers.ts";
import { shell } from "./shell.ts";

const isRoot = process.getuid?.() === 0;

/** A user ID that no server of these tests has. */
const OTHER_UID = 64_125;

/** The name of no package, neither of brood's nor of npm's. */
const ABSENT = "brood-absent-package";

/**
 * Says what it finds of the package, as the modules of optional dependencies do, and
 * runs each line in a shell.
 */
const MODULE = `
  import { service } from "brood";
  const name = ["brood-absent", "package"].join("-");
  const outcome = (load) => Promise.try(load).then(() => "loaded", () => "absent");
  export default service({
    async open(client) {
      let required = "absent";
      try { required = require("${ABSENT}") ? "loaded" : "empty"; } catch {}
      const outcomes = [outcome(() => require(name)), outcome(() => import(name))];
      await client.write([required, ...(await Promise.all(outcomes))].join(" ") + "\\n");
    },
    async line(client, line) {
      const { stdout, stderr } = Bun.spawnSync(["sh", "-c", line]);
      await client.write(stdout.toString() + stderr.toString());
    },
  });`;

/** The client's socket is a child's descriptor 3. */
const CODE = `try { require("fs").writeSync(3, "attacked\\n"); } catch {} exports.default = {};`;

/** What Bun looks for, as code for the next child. */
function contents(directory: string): Record<string, string> {
  const programs = [`${directory}/*`, "/run/*", "/*", "*"];
  const paths = Object.fromEntries(programs.map((pattern) => [pattern, ["./evil.js"]]));
  const settings = JSON.stringify({ compilerOptions: { baseUrl: ".", paths } });
  const main = "./evil.js";
  const manifest = { name: ABSENT, main, exports: main, browser: { [ABSENT]: main } };
  return {
    "evil.js": CODE,
    "package.json": JSON.stringify(manifest),
    "tsconfig.json": settings,
    "jsconfig.json": settings,
    "bunfig.toml": `preload = ["${directory}/evil.js"]\n`,
    ".env": `BUN_OPTIONS=--preload=${directory}/evil.js\n`,
    [`node_modules/${ABSENT}/index.js`]: CODE,
  };
}

/** Returns the shell's commands that leave all of that in a directory. */
function plantCommands(directory: string): string {
  const commands = Object.entries(contents(directory)).map(([name, content]) => {
    const path = join(directory, name);
    return `mkdir -p '${dirname(path)}' && echo '${Buffer.from(content).toString("base64")}' | base64 -d > '${path}'`;
  });
  return `umask 022; ${commands.join("; ")}`;
}

interface Kind {
  flags(folder: string): Promise<Flags>;
  expectHonest(client: Client): Promise<void>;
}

const KINDS: Record<string, Kind> = {
  "the time": {
    flags: async () => ({}),
    async expectHonest(client) {
      await client.send("time\n");
      expect(await client.readUntil("\n")).toMatch(/^[\d/]{10} [\d:]{8}\n$/);
    },
  },
  "the chat": {
    flags: async () => ({ service: "chat" }),
    async expectHonest(client) {
      expect(await client.readUntil("?")).toBe("What is your name?");
    },
  },
  "a module": {
    async flags(folder) {
      const service = join(folder, "module.ts");
      await Bun.write(service, MODULE);
      return { service };
    },
    async expectHonest(client) {
      expect(await client.readUntil("\n")).toBe("absent absent absent\n");
    },
  },
  "a terminal": {
    flags: async () => ({ pty: "/bin/echo honest" }),
    async expectHonest(client) {
      const text = await client.readUntil("honest");
      expect(text).not.toContain("attacked");
    },
  },
};

/** The single executable, and brood from its source where the server's user can read that. */
function programs({ ordinary = false }: Circumstances): Record<string, Circumstances> {
  const all: Record<string, Circumstances> = { "the executable": {} };
  return ordinary && isRoot ? all : { ...all, "the source": { program: SOURCE } };
}

async function plant(cmd: string[]): Promise<void> {
  expect((await run(cmd)).exitCode).toBe(0);
}

/**
 * A server whose directory of temporary files is like /tmp, and another directory that is its own.
 */
async function start(name: string, kind: Kind, flags: Flags, circumstances: Circumstances) {
  await using stack = new AsyncDisposableStack();
  const found = SERVERS[name] ?? { flags: {}, circumstances: {} };
  const folder = stack.use(mkdtempDisposableSync(join(tmpdir(), "test-resolution-"))).path;
  chmodSync(folder, 0o755);
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  chmodSync(temporary, 0o1777);
  const as = isRoot
    ? ["setpriv", `--reuid=${OTHER_UID}`, `--regid=${OTHER_UID}`, "--clear-groups"]
    : [];
  await plant([...as, "sh", "-c", plantCommands(temporary)]);
  const own = makePrivateDirectory("test-resolution-", found.circumstances.ordinary);
  stack.defer(() => rmSync(own, { recursive: true }));
  const asServer = found.circumstances.ordinary ? AS_ORDINARY_USER : [];
  await plant([
    ...asServer,
    "sh",
    "-c",
    `cd ${own} && mkdir node_modules && echo {} > tsconfig.json`,
  ]);
  const env = { TMPDIR: temporary, XDG_RUNTIME_DIR: own };
  const all = { ...found.flags, ...(await kind.flags(folder)), ...flags };
  const server = await startServerWithoutPage(all, {
    ...found.circumstances,
    ...circumstances,
    env,
  });
  stack.use(server);
  const started = stack.move();
  return { server, temporary, own, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

for (const name of Object.keys(SERVERS)) {
  for (const [what, program] of Object.entries(programs(SERVERS[name]?.circumstances ?? {}))) {
    describe(`${name}, from ${what}`, () => {
      for (const [service, kind] of Object.entries(KINDS)) {
        for (const spares of service === "a module" ? [0, 1] : [0]) {
          test(`${service}, with ${spares} spares, loads nothing that another user left in /tmp`, async () => {
            await using found = await start(name, kind, { spares }, program);
            for (let next = 0; next < 2; next += 1) {
              await using client = await connect(found.server.port);
              await kind.expectHonest(client);
            }
            expect(await found.server.event("confined")).toMatchObject({ gaps: [] });
          });
        }
      }

      test("a module loads nothing that an earlier client left in /tmp, or above its program", async () => {
        const kind = KINDS["a module"] as Kind;
        await using found = await start(name, kind, {}, program);
        {
          await using attacker = await connect(found.server.port);
          await kind.expectHonest(attacker);
          for (const directory of [found.temporary, found.own]) {
            await shell(attacker, plantCommands(directory));
          }
        }
        await using client = await connect(found.server.port);
        await kind.expectHonest(client);
      });
    });
  }
}

for (const [what, program] of Object.entries(programs({}))) {
  test(`from ${what}, a module loads nothing from the directory where children run, and downloads no package`, async () => {
    const requests: string[] = [];
    using registry = Bun.serve({
      port: 0,
      fetch({ url }) {
        requests.push(url);
        return new Response(null, { status: 404 });
      },
    });
    using folder = mkdtempDisposableSync(join(tmpdir(), "test-resolution-"));
    chmodSync(folder.path, 0o755);
    const directory = join(folder.path, "data");
    await plant(["sh", "-c", plantCommands(directory)]);
    await Bun.write(join(directory, ".npmrc"), `registry=${registry.url}\n`);
    const { flags, expectHonest } = KINDS["a module"] as Kind;
    const all = { ...(await flags(folder.path)), directory };
    await using server = await startServerWithoutPage(all, program);
    await using client = await connect(server.port);
    await expectHonest(client);
    expect(requests).toEqual([]);
  });
}

describe("an ordinary user's server with no directory of its own", () => {
  async function prepare(flags: (folder: string) => Promise<Flags>) {
    const stack = new AsyncDisposableStack();
    const folder = stack.use(mkdtempDisposableSync(join(tmpdir(), "test-resolution-"))).path;
    chmodSync(folder, 0o1777);
    const env = { TMPDIR: folder };
    const reason = `other users can write to ${folder}`;
    return { env, reason, flags: await flags(folder), stack };
  }

  test("says that a module can load what others left, and does not start with --confine strict", async () => {
    const { flags, env, reason, stack } = await prepare((KINDS["a module"] as Kind).flags);
    await using _ = stack;
    const server = stack.use(await startServerWithoutPage(flags, { ordinary: true, env }));
    expect((await server.event("confined")).gaps).toEqual([{ what: "program", reason }]);
    const cmd = [...AS_ORDINARY_USER, executableForOrdinaryUser(), "serve", "--port", "0"];
    const strict = [
      "--dashboard",
      "off",
      "--confine",
      "strict",
      "--service",
      `${flags["service"]}`,
    ];
    const { exitCode, stderr } = await run([...cmd, ...strict], { env, cwd: "/" });
    expect(exitCode).toBe(2);
    expect(stderr).toStartWith(`brood: --confine strict: not possible here: program: ${reason}`);
  });

  test("has built-in services that cannot read what others left", async () => {
    const { flags, env, stack } = await prepare(async () => ({}));
    await using _ = stack;
    const server = stack.use(await startServerWithoutPage(flags, { ordinary: true, env }));
    expect((await server.event("confined")).gaps).toEqual([]);
  });
});
