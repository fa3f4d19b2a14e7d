/**
 * What a child can do to the thread that starts the children. That thread is in their sandbox, so
 * the sandbox does not protect it from them.
 */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { systemCallNumber } from "../../server/os/system-call-numbers.ts";
import { errorCode } from "../../shared/error-code.ts";
import { type Client, connect } from "../harness/connect.ts";
import { threadOf } from "../harness/processes.ts";
import { startServer } from "../harness/server.ts";
import { SERVERS } from "./servers.ts";

const CLONE = systemCallNumber("clone");

/** F_SETSIG, F_SETOWN and O_ASYNC of fcntl(2): with a byte to read, the thread gets a SIGKILL. */
const killByDescriptor = (thread: number) => `
  use Socket;
  use Fcntl;
  socketpair(A, B, AF_UNIX, SOCK_STREAM, 0);
  fcntl(A, 10, 9);
  fcntl(A, F_SETOWN, ${thread});
  fcntl(A, F_SETFL, O_ASYNC | O_NONBLOCK);
  syswrite B, "x";
  print "sent";`;

/** CLONE_PARENT and SIGCHLD of clone(2). */
const CLONE_PARENT = `
  $pid = syscall(${CLONE}, 0x8000 | 17, 0, 0, 0, 0);
  if ($pid == 0) { sleep 100; exit }
  print $pid < 0 ? "refused" : "cloned";`;

/** F_SETLEASE and F_RDLCK of fcntl(2). */
const LEASE = `
  open F, ">$ENV{TMPDIR}/file"; close F;
  open F, "<$ENV{TMPDIR}/file";
  print fcntl(F, 1024, 0) ? "leased" : "refused";`;

/**
 * Stops each process that its user starts next, again and again: the last field of
 * /proc/loadavg is the last PID.
 */
const STOP_NEXT = `
  open F, "</proc/loadavg";
  print "stopping\\n";
  while (1) {
    sysseek F, 0, 0;
    sysread F, $_, 200;
    ($last) = /(\\d+)$/;
    @next = grep { $_ != $$ } $last - 1 .. $last + 10;
    for (1 .. 40) { kill "STOP", $_ for @next }
  }`;

async function perl(client: Client, program: string): Promise<string> {
  await client.send(`perl -e '$| = 1; ${program} print "\\n"'\n`);
  return client.readUntil("\n");
}

const STOPPED_BEFORE_START = /^PID \d+ was stopped before it had executed its program/;

const HELPER_THREADS = /JITWorker|HeapHelper|ollector Thread/;

/**
 * Returns the threads of a process, and whether each has a filter of system
 * calls (proc_pid_status(5)).
 */
function threadsOf(pid: number): { name: string; isConfined: boolean }[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, "latin1");
      const [, name = ""] = /^Name:\t(.*)$/m.exec(status) ?? [];
      return { name, isConfined: /^Seccomp:\t2$/m.test(status) };
    } catch (error) {
      if (["ENOENT", "ESRCH"].includes(errorCode(error) ?? "")) return []; // it has just ended
      throw error;
    }
  });
}

for (const [name, { flags, circumstances }] of Object.entries(SERVERS)) {
  describe(name, () => {
    test("the spawning thread is not killed by a signal that a descriptor sends", async () => {
      await using server = await startServer({ ...flags, exec: "sh" }, circumstances);
      await using client = await connect(server.port);
      const thread = threadOf(server.pid, "spawning thread");
      expect(await perl(client, killByDescriptor(thread))).toBe("sent\n");
      await using next = await connect(server.port);
      expect(await perl(next, 'print "served";')).toBe("served\n");
    });

    test("a child cannot start a process as the spawning thread's child", async () => {
      await using server = await startServer({ ...flags, exec: "sh" }, circumstances);
      await using client = await connect(server.port);
      expect(await perl(client, CLONE_PARENT)).toBe("refused\n");
    });

    test("a child cannot delay the spawning thread with a lease", async () => {
      await using server = await startServer({ ...flags, exec: "sh" }, circumstances);
      await using client = await connect(server.port);
      expect(await perl(client, LEASE)).toBe("refused\n");
    });
  });
}

test("where children share the master's user, one that stops others before they start holds up nobody", async () => {
  const circumstances = process.getuid?.() === 0 ? { ordinary: true } : {};
  await using server = await startServer({ exec: "sh", maxClients: 500 }, circumstances);
  const wasCaught = () =>
    server.events("warning").some(({ message }) => STOPPED_BEFORE_START.test(message));
  await using attacker = await connect(server.port);
  await attacker.send(`exec perl -e '$| = 1; ${STOP_NEXT}'\n`);
  await attacker.readUntil("stopping\n");
  await using others = new AsyncDisposableStack();
  while (!wasCaught()) {
    const { port } = others.use(await connect(server.port));
    await server.event("spawned", ({ remotePort }) => remotePort === port);
  }
  const { pid } = await server.event("spawned", ({ remotePort }) => remotePort === attacker.port);
  process.kill(pid, "SIGKILL");
  await server.event("ended", (ended) => ended.pid === pid);
  await using next = await connect(server.port);
  expect(await perl(next, 'print "served";')).toBe("served\n");
  server.signal("SIGTERM"); // and once more, by the end of the test: it does not wait for those that are stopped
  await server.event("stopping");
});

test("where children share the master's user, no thread but the spawning thread is in their sandbox", async () => {
  const circumstances = process.getuid?.() === 0 ? { ordinary: true } : {};
  await using server = await startServer({ exec: "true" }, circumstances);
  const names = new Set<string>();
  const confined = new Set<string>();
  for (let i = 0; i < 200; i += 1) {
    await using client = await connect(server.port);
    await client.readToEnd();
    for (const { name, isConfined } of threadsOf(server.pid)) {
      names.add(name);
      if (isConfined) confined.add(name);
    }
  }
  expect([...confined]).toEqual(["spawning thread"]);
  // JavaScriptCore starts these when it likes to, in the sandbox of the thread that needs one.
  expect([...names].filter((name) => HELPER_THREADS.test(name))).toEqual([]);
});
