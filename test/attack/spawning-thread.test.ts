/**
 * What a child can do to the thread that starts the children. That thread is in their sandbox, so
 * the sandbox does not protect it from them.
 */
import { describe, expect, test } from "bun:test";
import { systemCallNumber } from "../../server/os/system-call-numbers.ts";
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

async function perl(client: Client, program: string): Promise<string> {
  await client.send(`perl -e '$| = 1; ${program} print "\\n"'\n`);
  return client.readUntil("\n");
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
