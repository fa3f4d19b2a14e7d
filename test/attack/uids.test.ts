/**
 * What a child that was taken over can do to its siblings, to a ready spare, to
 * the master and to its files.
 */
import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempDisposableSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UID_LOCKS_PATH } from "../../server/confine/uid-blocks.ts";
import { openByteLocks } from "../../server/os/byte-locks.ts";
import { type Client, connect } from "../harness/connect.ts";
import { listFamily } from "../harness/processes.ts";
import { type Server, startServer, startServerWithoutPage } from "../harness/server.ts";
import { readStatus } from "../harness/status.ts";
import { until } from "../harness/until.ts";
import { SERVERS } from "./servers.ts";

const OF_PROCESSES = ["pidfd_getfd", "ptrace", "mem", "environ", "fd", "kill"];

/** What Linux cannot deny a process of the same user: signals, and what /proc shows. */
const OF_SAME_USER = ["environ", "fd", "kill"];

/** What is possible where children share a user, by the kind of target: SECURITY.md. */
const POSSIBLE: Record<string, Record<string, readonly string[]>> = {
  "a server of root's": { sibling: [], spare: [], master: [], files: [] },
  "a server of root's with one user for all children": {
    sibling: OF_SAME_USER,
    spare: OF_SAME_USER,
    master: [],
    files: [],
  },
  "an ordinary user's server": {
    sibling: OF_SAME_USER,
    spare: OF_SAME_USER,
    master: [],
    // Not with --writable: user-files.test.ts.
    files: ["chmod history"],
  },
};

/** A server with a ready spare and two clients, the first of which has taken over its child. */
async function attacked(name: string) {
  const { flags, circumstances } = SERVERS[name] ?? { flags: {}, circumstances: {} };
  const stack = new AsyncDisposableStack();
  const folder = stack.use(mkdtempDisposableSync(join(tmpdir(), "test-attack-")));
  await Bun.$`chmod 1777 ${folder.path}`;
  const module = join(folder.path, "compromised.ts");
  await Bun.write(module, Bun.file(join(import.meta.dir, "compromised.ts")));
  const history = join(folder.path, "history.db");
  const env = { BROOD_DASHBOARD_PASSWORD: "the operator's" };
  const server = stack.use(
    await startServer({ ...flags, service: module, spares: 1, history }, { ...circumstances, env }),
  );
  const attacker = stack.use(await connect(server.port));
  const victim = stack.use(await connect(server.port));
  await until(() => server.events("serving").length === 2, "both are served");
  const pidOf = ({ port }: Client) =>
    Number(server.events("serving").find(({ remotePort }) => remotePort === port)?.pid);
  const sibling = pidOf(victim);
  const spare = await readySpare(server, [pidOf(attacker), sibling]);
  await until(() => existsSync(history), "the history is open");
  /** Returns "possible", "refused", or how else it failed. */
  async function attempt(what: string, target: string | number): Promise<string> {
    await attacker.send(`${what} ${target}\n`);
    const text = await attacker.readUntil("\n");
    return text.trim().split(" ").slice(1).join(" ");
  }

  return {
    server,
    history,
    victim,
    pids: { sibling, spare, master: server.pid },
    attempt,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function readySpare(server: Server, others: readonly unknown[]): Promise<number> {
  const password = `Basic ${Buffer.from("x:the operator's").toString("base64")}`;
  const isReady = async () => {
    const response = await fetch(`${server.url}api/master`, {
      headers: { Authorization: password },
    });
    const status = (await response.json()) as Awaited<ReturnType<typeof readStatus>>;
    return status.sparesByState.ready === 1;
  };
  await until(isReady, "a spare is ready");
  const family = await listFamily(server.pid);
  const [spare] = family.filter(({ pid }) => pid !== server.pid && !others.includes(pid));
  return Number(spare?.pid);
}

for (const name of Object.keys(SERVERS)) {
  describe(name, () => {
    for (const kind of ["sibling", "spare", "master"] as const) {
      test(`what a child can do to ${kind === "spare" ? "a spare" : `the ${kind}`}`, async () => {
        await using found = await attacked(name);
        const outcomes: Record<string, string> = {};
        for (const what of OF_PROCESSES) {
          const outcome = await found.attempt(what, found.pids[kind]);
          // A process of another user is hidden, if root started the server.
          outcomes[what] = outcome === "ENOENT" ? "refused" : outcome;
        }
        const possible = POSSIBLE[name]?.[kind] ?? [];
        const expected = OF_PROCESSES.map((what) => [
          what,
          possible.includes(what) ? "possible" : "refused",
        ]);
        expect(outcomes).toEqual(Object.fromEntries(expected));
      });
    }

    test("what a child can do to the files of the program and the history", async () => {
      await using found = await attacked(name);
      const { server, history } = found;
      const names = readdirSync(server.directory);
      const program = names.find((one) => existsSync(join(server.directory, one, "server")));
      const directory = join(server.directory, program ?? "");
      const outcomes = {
        "read history": await found.attempt("read", history),
        "write history": await found.attempt("write", history),
        "chmod history": await found.attempt("chmod", history),
        "create program": await found.attempt("create", directory),
      };
      const possible = POSSIBLE[name]?.["files"] ?? [];
      const expected = Object.keys(outcomes).map((what) => [
        what,
        possible.includes(what) ? "possible" : "refused",
      ]);
      expect(outcomes).toEqual(Object.fromEntries(expected) as typeof outcomes);
    });
  });
}

describe.if(process.getuid?.() === 0)("two servers of root's with the same few user IDs", () => {
  /** Each master has one of them itself. */
  const flags = { exec: "sh", uids: "700000-700005" };

  const uidOf = (pid: number) =>
    Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);

  async function served(server: Server) {
    const client = await connect(server.port);
    const { pid } = await server.event("serving", ({ remotePort }) => remotePort === client.port);
    return { client, pid, uid: uidOf(pid) };
  }

  async function expectServed(client: Client): Promise<void> {
    await client.send("echo $((6 * 7))\n");
    expect(await client.readUntil("\n")).toBe("42\n");
  }

  test("give no two children the same, and neither server kills the other's", async () => {
    await using stack = new AsyncDisposableStack();
    const a = stack.use(await startServerWithoutPage(flags));
    const b = stack.use(await startServerWithoutPage(flags));
    const attacker = await served(a);
    const others = [await served(b), await served(a), await served(b)];
    for (const { client } of [attacker, ...others]) stack.use(client);
    expect(new Set([attacker, ...others].map(({ uid }) => uid)).size).toBe(4);
    // What is left behind can only be killed by its user ID.
    await attacker.client.send(`setsid sh -c 'while :; do sleep 0.01 & done' & echo started\n`);
    await attacker.client.readUntil("started");
    process.kill(attacker.pid, "SIGKILL");
    expect((await a.event("ended")).leftovers).toBeGreaterThan(0);
    for (const { client } of others) await expectServed(client);
    expect(b.events("ended")).toEqual([]);
  });

  test("refuse a client while none is free, and serve the next one when the other has left one", async () => {
    await using stack = new AsyncDisposableStack();
    const a = stack.use(await startServerWithoutPage(flags));
    const b = stack.use(await startServerWithoutPage(flags));
    const first = stack.use((await served(b)).client);
    for (const server of [a, b, a]) stack.use((await served(server)).client);
    const refused = stack.use(await connect(a.port));
    expect((await refused.readToEnd()).text).toContain("try again later");
    expect((await a.event("refused")).detail).toContain("no free user ID in 700000-700005");
    first.close();
    await b.event("ended");
    stack.use((await served(a)).client);
  });

  test("lock those that they use, until what their child has left is gone", async () => {
    await using server = await startServerWithoutPage(flags);
    const { client, uid } = await served(server);
    using locks = openByteLocks(UID_LOCKS_PATH);
    expect(locks.lock(uid, 1)).toBe(false);
    client.close();
    await server.event("ended");
    expect(locks.lock(uid, 1)).toBe(true);
  });
});
