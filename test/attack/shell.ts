/**
 * Servers whose client has a shell in its child: of a module, a program, or a program in a
 * terminal.
 */
import { afterAll } from "bun:test";
import { chmodSync, mkdtempDisposableSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connect } from "../harness/connect.ts";
import { type Flags, type Server, startServer } from "../harness/server.ts";
import { SERVERS } from "./servers.ts";

/** A service that runs each line in a shell. */
export const MODULE = `
  import { service } from "brood";
  export default service({
    async line(client, line) {
      const { stdout, stderr } = Bun.spawnSync(["bash", "-c", line]);
      await client.write(stdout.toString() + stderr.toString());
    },
  });`;

/** The flags that select what is served. `folder`: a directory for its own files. */
export const KINDS: Record<string, (folder: string) => Promise<Flags>> = {
  "a module": async (folder) => {
    const path = join(folder, "shell.ts");
    await Bun.write(path, MODULE);
    return { service: path };
  },
  "a program": async () => ({ exec: "bash" }),
  "a program in a terminal": async () => ({ pty: "bash --norc --noprofile -i" }),
};

/** The same directory for all tests of a file, so that they can share a server. */
const own = mkdtempSync(join(tmpdir(), "test-service-"));
chmodSync(own, 0o755); // servers run as other users, too
afterAll(() => rmSync(own, { recursive: true }));

/** Runs a command as the client, and returns what it prints, and its exit status. */
export async function shell(
  client: Client,
  command: string,
): Promise<{ output: string; status: number }> {
  // A terminal echoes the input, where the markers are not what printf makes of them.
  await client.send(`printf 'be''gin\\n'; (${command}) 2>&1; printf 'status:%s:e''nd\\n' $?\n`);
  const text = await client.readUntil(":end");
  const [, output = "", status = ""] = /begin\r?\n([^]*)status:(\d+):end$/.exec(text) ?? [];
  return { output: output.replaceAll("\r", ""), status: Number(status) };
}

export interface Attacked extends AsyncDisposable {
  server: Server;
  client: Client;
  /** A directory in which anybody may write. */
  folder: string;
}

/**
 * A server and its client. `sharedServer` starts the server, or returns one that others have used;
 * otherwise the test owns it.
 */
export async function attacked(
  name: string,
  kind: string,
  flags: Flags = {},
  env: Record<string, string> = {},
  sharedServer: typeof startServer | null = null,
): Promise<Attacked> {
  const found = SERVERS[name];
  if (found === undefined) throw new Error(name);
  const stack = new AsyncDisposableStack();
  const folder = stack.use(mkdtempDisposableSync(join(tmpdir(), "test-sandbox-"))).path;
  await Bun.$`chmod 1777 ${folder}`;
  const service = await KINDS[kind]?.(own);
  const all = { ...found.flags, ...service, ...flags };
  const circumstances = { ...found.circumstances, env };
  const server =
    sharedServer === null
      ? stack.use(await startServer(all, circumstances))
      : await sharedServer(all, circumstances);
  const client = stack.use(await connect(server.port));
  await server.event("serving");
  return { server, client, folder, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
