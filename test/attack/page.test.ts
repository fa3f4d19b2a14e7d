/** Children that connect to the operators' page. */
import { describe, expect, test } from "bun:test";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { en } from "../../dashboard/texts/en.ts";
import { textOf } from "../dashboard/markup.ts";
import { request, urlOf } from "../dashboard/request.ts";
import { connect } from "../harness/connect.ts";
import { AS_ORDINARY_USER } from "../harness/ordinary-user.ts";
import { run } from "../harness/run.ts";
import { type Flags, type Server, startServer } from "../harness/server.ts";
import { basic, PASSWORD } from "./page-passwords.ts";
import { SERVERS } from "./servers.ts";

/**
 * What a child gets from the page, with and without the password. An ordinary user's children
 * cannot be told from the user: they cannot even connect, which curl shows as 0.
 */
function statusFor(name: string): number {
  return name === "an ordinary user's server" ? 0 : 403;
}

const CURL = "curl -s -g --noproxy '*' --max-time 20";

/** Printed after each status. A terminal echoes the command, in which it is written differently. */
const DONE = "done42";

/** Requests the address that it receives. */
const MODULE = `
  import { service } from "brood";
  export default service({
    async line({ write }, line) {
      const [url, authorization] = line.split("|");
      const request = fetch(url, { headers: { authorization } });
      const status = await request.then((response) => response.status, () => 0);
      await write("status=" + status + " ${DONE}\\n");
    },
  });`;

interface Way {
  flags(folder: string): Promise<Flags>;
  /** What a client sends so that its child requests this address. */
  input(url: string, authorization: string): string;
}

function curl(url: string, authorization: string): string {
  const print = "-o /dev/null -w 'status=%{http_code} '";
  return `${CURL} ${print} -H 'Authorization: ${authorization}' ${url}; echo done$((6 * 7))`;
}

const WAYS: Record<string, Way> = {
  "a program": {
    flags: async () => ({ exec: "sh" }),
    input: (url, authorization) => `${curl(url, authorization)}\n`,
  },
  "a program's orphan": {
    flags: async () => ({ exec: "sh" }),
    input: (url, authorization) => `(sh -c "sleep 0; ${curl(url, authorization)}" &)\n`,
  },
  "a shell in a terminal": {
    flags: async () => ({ pty: "sh" }),
    input: (url, authorization) => `${curl(url, authorization)}\r`,
  },
  "a module": {
    async flags(folder) {
      const path = join(folder, "requests.ts");
      await Bun.write(path, MODULE);
      return { service: path };
    },
    input: (url, authorization) => `${url}|${authorization}\n`,
  },
};

/** Runs a command in the shell that a client of `--exec bash` gets; returns what it prints. */
async function inChild(server: Server, command: string): Promise<string> {
  await using client = await connect(server.port);
  await client.send(`${command}; exit\n`);
  return (await client.readToEnd()).text;
}

for (const [name, { flags, circumstances }] of Object.entries(SERVERS)) {
  const status = statusFor(name);

  describe(`a child of ${name}`, () => {
    for (const [way, { flags: flagsOf, input }] of Object.entries(WAYS)) {
      test(`that is ${way} is refused over IPv4 and IPv6, and even with the password`, async () => {
        using folder = mkdtempDisposableSync(join(tmpdir(), "test-page-"));
        await Bun.$`chmod 755 ${folder.path}`;
        const all = { ...flags, ...(await flagsOf(folder.path)), dashboard: "[::]:0" };
        const env = { BROOD_DASHBOARD_PASSWORD: PASSWORD };
        await using server = await startServer(all, { ...circumstances, env });
        await using client = await connect(server.port);
        const { port } = new URL(server.url);
        for (const host of ["127.0.0.1", "[::1]"]) {
          for (const password of ["guess", PASSWORD]) {
            const url = `http://${host}:${port}/pstree`;
            await client.send(input(url, basic(password).Authorization));
            const [, printed] = /status=(\d+)/.exec(await client.readUntil(DONE)) ?? [];
            expect([host, password, Number(printed)]).toEqual([host, password, status]);
          }
        }
      });
    }

    test("can neither read the page nor use it, by whatever address it connects", async () => {
      await using server = await startServer({ ...flags, exec: "bash" }, circumstances);
      await using bystander = await connect(server.port);
      const { id } = await server.event(
        "serving",
        ({ remotePort }) => remotePort === bystander.port,
      );
      const { port } = urlOf(server, "/");
      const ask = `${CURL} -H 'Host: localhost' -o /dev/null -w '%{http_code} '`;
      const commands = ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"].flatMap((host) => [
        `${ask} http://${host}:${port}/`,
        `${ask} http://${host}:${port}/api/children`,
        `${ask} -X DELETE 'http://${host}:${port}/api/children/${id}?signal=KILL'`,
        `${ask} -X POST http://${host}:${port}/api/drain`,
      ]);
      const printed = await inChild(server, commands.join("; "));
      expect(printed.trim().split(" ").map(Number)).toEqual(commands.map(() => status));
      expect(server.events("signal sent")).toEqual([]);
      expect(server.events("drain requested")).toEqual([]);
    });

    test("that closes its connection before its request is read is still a child", async () => {
      await using server = await startServer({ ...flags, exec: "bash" }, circumstances);
      const { port } = urlOf(server, "/");
      const post = `POST /api/pause HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 0\\r\\n\\r\\n`;
      const attack = `exec 5<>/dev/tcp/127.0.0.1/${port}; printf '${post}' >&5; exec 5>&-`;
      await inChild(server, `for i in $(seq 50); do ${attack}; done`);
      // Connections are accepted in order, so all of those were by the time of this response.
      expect((await request(server, "/readyz")).text).toBe("accepting\n");
      expect(server.events("paused")).toEqual([]);
    });

    if (status === 0) return;
    test("gets a page for a browser and JSON from the API", async () => {
      await using server = await startServer({ ...flags, exec: "bash" }, circumstances);
      const page = await inChild(server, `${CURL} -H 'Accept: text/html' ${server.url}`);
      expect(textOf(page, "h2")).toBe(en.refusals.fromChild.title);
      const json = await inChild(server, `${CURL} ${server.url}api/children`);
      expect(JSON.parse(json)).toEqual({ error: en.refusals.fromChild.line });
    });
  });

  test(`other users of the machine can use the page of ${name} ${status === 403 ? "without a password" : "with its password only"}`, async () => {
    await using server = await startServer({ ...flags, exec: "cat" }, circumstances);
    await using client = await connect(server.port);
    await server.event("serving", ({ remotePort }) => remotePort === client.port);
    for (const as of [[], AS_ORDINARY_USER]) {
      const ask = ["curl", "-s", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}"];
      const { stdout } = await run([...as, ...ask, server.url], { cwd: "/" });
      expect([as[0], stdout]).toEqual([as[0], status === 403 ? "200" : "401"]);
    }
  });
}
