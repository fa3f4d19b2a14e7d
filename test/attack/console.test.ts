/** No child has the console: it cannot write to it, forge a line of the log, truncate it, or read what is typed. */
import { describe, expect, test } from "bun:test";
import { mkdtempDisposableSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connect } from "../harness/connect.ts";
import { descriptors } from "../harness/processes.ts";
import { type Flags, type Server, startServer } from "../harness/server.ts";
import { SERVERS } from "./servers.ts";

const MODULE = `
  import { service } from "brood";
  export default service({
    async line(client, line) {
      const { stdout, stderr } = Bun.spawnSync(["sh", "-c", line]);
      await client.write(stdout.toString() + stderr.toString());
    },
  });`;

/** What serves the client, and whether it runs the commands that the client sends. */
const KINDS: Record<string, { flags(folder: string): Promise<Flags>; isShell: boolean }> = {
  "the time": { flags: async () => ({}), isShell: false },
  "the chat": { flags: async () => ({ service: "chat" }), isShell: false },
  "a module": {
    async flags(folder) {
      const path = join(folder, "shell.ts");
      await Bun.write(path, MODULE);
      return { service: path };
    },
    isShell: true,
  },
  "a program": { flags: async () => ({ exec: "sh" }), isShell: true },
  "a program in a terminal": { flags: async () => ({ pty: "sh" }), isShell: true },
};

/** Opens the file in every way, as the client's process, and prints how many of them succeeded. */
function attack(path: string): string {
  const ways = [
    `: >> ${path}`,
    `: > ${path}`,
    `printf 'for''ged\\n' >> ${path}`,
    `: < ${path}`,
    `: <> ${path}`,
  ];
  const tries = ways.map((way) => `(${way}) 2>/dev/null && n=$((n + 1))`);
  return `n=0; ${tries.join("; ")}; echo possible:$n:end\n`;
}

/** Returns the number of ways that were possible. */
async function attackBy(client: Client, path: string): Promise<number> {
  await client.send(attack(path));
  for (;;) {
    const count = /possible:(\d):end/.exec(await client.readUntil(":end"))?.[1]; // a terminal echoes the input, too
    if (count !== undefined) return Number(count);
  }
}

async function pidOf(server: Server): Promise<number> {
  return (await server.event("serving")).pid;
}

for (const [name, { flags: common, circumstances }] of Object.entries(SERVERS)) {
  describe(name, () => {
    for (const [kind, { flags, isShell }] of Object.entries(KINDS)) {
      const begin = async (stack: AsyncDisposableStack) => {
        const folder = stack.use(mkdtempDisposableSync(join(tmpdir(), "test-console-"))).path;
        await Bun.$`chmod 755 ${folder}`;
        const all = { ...common, ...(await flags(folder)) };
        const server = stack.use(await startServer(all, circumstances));
        return { server, client: stack.use(await connect(server.port)) };
      };

      test(`the child of ${kind} has none of the console's descriptors`, async () => {
        await using stack = new AsyncDisposableStack();
        const { server, client } = await begin(stack);
        const pid = await pidOf(server);
        const console = [1, 2].map((fd) => readlinkSync(`/proc/${server.pid}/fd/${fd}`));
        expect(console.every((target) => /^(pipe|socket):/.test(target))).toBe(true);
        for (const target of descriptors(pid)) expect(console).not.toContain(target);
        await client.send("quit\n");
      });

      if (!isShell) continue;
      test(`the client of ${kind} cannot open the console through /proc`, async () => {
        await using stack = new AsyncDisposableStack();
        const { server, client } = await begin(stack);
        await pidOf(server);
        for (const fd of [0, 1, 2]) {
          expect(await attackBy(client, `/proc/${server.pid}/fd/${fd}`)).toBe(0);
        }
        // Where there is one, it is the client's own.
        if (kind !== "a program in a terminal") expect(await attackBy(client, "/dev/tty")).toBe(0);
        expect(server.stdout).not.toContain("forged");
        expect(server.stderr).toBe("");
      });
    }
  });
}
