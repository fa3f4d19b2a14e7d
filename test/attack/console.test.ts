/**
 * No child has the console: it cannot write to it, forge a line of the log, truncate
 * it, or read what is typed.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connect } from "../harness/connect.ts";
import { descriptors } from "../harness/processes.ts";
import { type Flags, startServerWithoutPage } from "../harness/server.ts";
import { shareServers } from "../harness/shared-server.ts";
import { SERVERS } from "./servers.ts";
import { MODULE } from "./shell.ts";

const folder = mkdtempSync(join(tmpdir(), "test-console-"));
chmodSync(folder, 0o755); // servers run as other users, too
const module = join(folder, "shell.ts");
writeFileSync(module, MODULE);
afterAll(() => rmSync(folder, { recursive: true }));

/** What serves the client, and whether it runs the commands that the client sends. */
const KINDS: Record<string, { flags: Flags; isShell: boolean }> = {
  "the time": { flags: {}, isShell: false },
  "the chat": { flags: { service: "chat" }, isShell: false },
  "a module": { flags: { service: module }, isShell: true },
  "a program": { flags: { exec: "sh" }, isShell: true },
  "a program in a terminal": { flags: { pty: "sh" }, isShell: true },
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

for (const [name, { flags: common, circumstances }] of Object.entries(SERVERS)) {
  describe(name, () => {
    const sharedServer = shareServers(startServerWithoutPage);

    for (const [kind, { flags, isShell }] of Object.entries(KINDS)) {
      /** A client of this kind of server, once its child serves. */
      const attacker = async () => {
        const server = await sharedServer({ ...common, ...flags }, circumstances);
        const client = await connect(server.port);
        const { pid } = await server.event("serving");
        return { server, client, pid, [Symbol.asyncDispose]: client[Symbol.asyncDispose] };
      };

      test(`the child of ${kind} has none of the console's descriptors`, async () => {
        await using found = await attacker();
        const { server, client, pid } = found;
        const console = [1, 2].map((fd) => readlinkSync(`/proc/${server.pid}/fd/${fd}`));
        expect(console.every((target) => /^(pipe|socket):/.test(target))).toBe(true);
        for (const target of descriptors(pid)) expect(console).not.toContain(target);
        await client.send("quit\n");
      });

      if (!isShell) continue;
      test(`the client of ${kind} cannot open the console through /proc`, async () => {
        await using found = await attacker();
        const { server, client } = found;
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
