/**
 * An ended session leaves nothing behind: what a client starts, in whatever way it
 * hides, ends with its session.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connect } from "../harness/connect.ts";
import { isRunning, untilStopped } from "../harness/processes.ts";
import { type Flags, type Server, startServerWithoutPage } from "../harness/server.ts";
import { shareServers } from "../harness/shared-server.ts";
import { until } from "../harness/until.ts";
import { basic, PASSWORD, PASSWORDS } from "./page-passwords.ts";
import { SERVERS } from "./servers.ts";

/**
 * Forks twice, with a session of its own in between, as a daemon does, and
 * prints the PID of what is left.
 */
const DAEMON = `(setsid sh -c 'trap "" HUP TERM; echo pid=$$=$((6 * 7)); while :; do sleep 1; done' &)`;

const MODULE = `
  import { service } from "brood";
  export default service({
    open(client) {
      const cmd = ["setsid", "sh", "-c", 'trap "" HUP TERM; while :; do sleep 1; done'];
      const process = Bun.spawn({ cmd, detached: true, stdio: ["ignore", "ignore", "ignore"] });
      process.unref();
      void client.write("pid=" + process.pid + "=42\\n");
    },
  });`;

/**
 * The same, and only its second thread goes on, while its first is a zombie: it ends by
 * exit(2), not exit_group(2).
 */
const THREAD = `(setsid perl -MPOSIX -Mthreads -e '$| = 1; $SIG{HUP} = $SIG{TERM} = "IGNORE"; ${[
  `threads->create(sub { print "pid=$$=", 6 * 7; sleep 1 while 1 })->detach;`,
  `syscall((POSIX::uname())[4] eq "aarch64" ? 93 : 60, 0)' &)`,
].join(" ")}`;

/** What the log says if it was killed while its session lived: see shared-user.ts. */
const LEFT_ITS_SESSION = /^killed .+ that had left (?:its|their) child's session$/;

const folder = mkdtempSync(join(tmpdir(), "test-leftovers-"));
chmodSync(folder, 0o755); // servers run as other users, too
const module = join(folder, "spawns.ts");
writeFileSync(module, MODULE);
afterAll(() => rmSync(folder, { recursive: true }));

/** How a client starts something that is to outlive it. */
const WAYS: Record<string, { flags: Flags; input: string }> = {
  "a program that forks twice, with setsid": { flags: { exec: "sh" }, input: `${DAEMON}\n` },
  "a program whose first thread ends": { flags: { exec: "sh" }, input: `${THREAD}\n` },
  "a shell in a terminal, with nohup and setsid": {
    flags: { pty: "sh" },
    input: `nohup ${DAEMON.slice(1, -2)} 2>&1 | cat &\r`, // into a pipe: nohup would write a file
  },
  "a module that spawns a detached process": { flags: { service: module }, input: "" },
};

/**
 * Returns the PID that the client's process prints. It may be killed before it does,
 * and is then started again.
 */
async function leftoverOf(server: Server, client: Client, input: string): Promise<number> {
  const printed = () => client.received.includes("=42"); // a terminal echoes the input, without 42
  const killed = () =>
    server.events("warning").filter(({ message }) => LEFT_ITS_SESSION.test(message)).length;
  while (!printed()) {
    const before = killed();
    if (input !== "") await client.send(input);
    await until(() => printed() || killed() > before, "the process prints its PID, or is killed");
  }
  return Number(/pid=(\d+)=42/.exec(await client.readUntil("=42"))?.[1]);
}

/** A client, its session, and the PID of what it has started. */
async function leave(server: Server, input: string) {
  await using stack = new AsyncDisposableStack();
  const client = stack.use(await connect(server.port));
  const { id } = await server.event("serving");
  const leftover = await leftoverOf(server, client, input);
  const all = stack.move();
  return { client, id, leftover, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

for (const [name, { flags: common, circumstances }] of Object.entries(SERVERS)) {
  describe(name, () => {
    const sharedServer = shareServers();

    for (const [way, { flags, input }] of Object.entries(WAYS)) {
      const start = () =>
        sharedServer({ ...common, ...flags }, { ...circumstances, env: PASSWORDS });

      test(`${way}: gone when the kill says so, and counted`, async () => {
        const server = await start();
        await using found = await leave(server, input);
        const { id, leftover } = found;
        const response = await fetch(`${server.url}api/children/${id}?signal=KILL&wait=1`, {
          method: "DELETE",
          headers: basic(PASSWORD),
        });
        expect(isRunning(leftover)).toBe(false);
        const { receipt } = (await response.json()) as {
          receipt: { outcome: string; leftovers: number };
        };
        expect(receipt.outcome).toBe("gone");
        const { leftovers } = await server.event("ended");
        expect(receipt.leftovers).toBe(leftovers);
        // With a shared user it may have been killed while its session lived.
        const wasKilledBefore = server
          .events("warning")
          .some(({ message }) => LEFT_ITS_SESSION.test(message));
        if (!wasKilledBefore) expect(leftovers).toBeGreaterThan(0);
      });

      test(`${way}: gone after the client has left`, async () => {
        const server = await start();
        await using found = await leave(server, input);
        found.client.close();
        await server.event("ended");
        expect(isRunning(found.leftover)).toBe(false);
      });
    }

    test("no source has more clients than it may because of what others left behind", async () => {
      const flags = { ...common, exec: "sh", maxPerSource: 1 };
      await using server = await startServerWithoutPage(flags, circumstances);
      for (let i = 0; i < 5; i += 1) {
        await using client = await connect(server.port);
        const leftover = await leftoverOf(server, client, `${DAEMON}\n`);
        await client.send("exit\n");
        await until(() => server.events("ended").length === i + 1, "its session has ended");
        expect(isRunning(leftover)).toBe(false);
      }
    });
  });
}

test("where children share a user, what left its session is killed while its child lives", async () => {
  await using server = await startServerWithoutPage({ exec: "sh" }, { ordinary: true });
  await using client = await connect(server.port);
  const leftover = await leftoverOf(server, client, `${DAEMON}\n`);
  await until(() => !isRunning(leftover), "it has been killed");
  await server.event("warning", ({ message }) => LEFT_ITS_SESSION.test(message));
  await client.send("echo served\n");
  await client.readUntil("served");
});

test.if(process.getuid?.() === 0)(
  "processes that fork without end, and stop what else their user runs, are killed",
  async () => {
    await using server = await startServerWithoutPage({ exec: "sh", childProcesses: 60 });
    await using client = await connect(server.port);
    // None begins before all have been started: the shell could not start another.
    const loop = (body: string) =>
      `setsid sh -c 'trap "" TERM HUP; until [ -e $TMPDIR/go ]; do sleep 0.01; done; while :; do ${body} done' & `;
    const forks = "sleep 0.01 &";
    await client.send(
      `${loop(forks)}${loop(forks)}${loop(`kill -STOP -1; ${forks}`)}echo started; : > $TMPDIR/go\n`,
    );
    await client.readUntil("started");
    const { pid } = await server.event("serving");
    await untilStopped(pid);
    process.kill(pid, "SIGKILL");
    const { leftovers } = await server.event("ended");
    expect(leftovers).toBeGreaterThan(0);
    expect(server.events("warning")).toEqual([]);
  },
);

/**
 * A process whose parent sees, by the end of a pipe, that it is ending, and ends first: there is
 * much for the kernel to close. sshd and vsftpd end like this.
 */
const ENDS_LAST = `
  pipe R, W;
  if (fork) { close W; readline R; _exit 0 }
  POSIX::open("/dev/null") for 1 .. 1_500;
  open LAST, ">&W";
  close W;
  POSIX::open("/dev/null") for 1 .. 1_500;
  _exit 0;`;

test("a process that ends by itself right after its parent is waited for, and not counted", async () => {
  await using server = await startServerWithoutPage({ exec: `perl -MPOSIX -e '${ENDS_LAST}'` });
  for (let i = 0; i < 5; i += 1) {
    await using client = await connect(server.port);
    expect(await client.readToEnd()).toEqual({ text: "", end: "clean" });
  }
  await until(() => server.events("ended").length === 5, "all sessions have ended");
  for (const { exitCode, leftovers } of server.events("ended")) {
    expect({ exitCode, leftovers }).toEqual({ exitCode: 0, leftovers: 0 });
  }
});
