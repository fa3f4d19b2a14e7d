/**
 * Children that do not end when they are killed. One that is traced (ptrace(2)) is not reaped before
 * its tracer ends. Children that share a user cannot trace: uids.test.ts.
 */
import { describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdtempDisposableSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCallNumber } from "../../server/os/system-call-numbers.ts";
import { type Client, connect } from "../harness/connect.ts";
import { isRunning } from "../harness/processes.ts";
import { startServer } from "../harness/server.ts";
import { until } from "../harness/until.ts";

const PTRACE = systemCallNumber("ptrace");
const PTRACE_SEIZE = 0x4206;
const PTRACE_SETOPTIONS = 0x4200;
const PTRACE_O_TRACEEXIT = 0x40;

/** The child ends, and a process that has left its session traces it and waits. */
const TRACED_ZOMBIE = `
  pipe R, W;
  $child = $$;
  unless (fork) {
    setsid;
    $SIG{HUP} = $SIG{TERM} = "IGNORE";
    syscall(${PTRACE}, ${PTRACE_SEIZE}, $child, 0, 0) == 0 or die "$!";
    syswrite STDOUT, "pid=$$;";
    close W;
    sleep 1 while 1;
  }
  close W;
  readline R;
  _exit 0;`;

/** Whether a process can be traced, and its tracer keep it from ending when it is killed. */
const OPTIONS = `
  unless ($pid = fork) { sleep 100; exit }
  sub ptrace { print syscall(${PTRACE}, @_) == 0 ? "yes " : "no " }
  ptrace(${PTRACE_SEIZE}, $pid, 0, ${PTRACE_O_TRACEEXIT});
  ptrace(${PTRACE_SEIZE}, $pid, 0, 0);
  kill STOP, $pid;
  waitpid $pid, 0;
  ptrace(${PTRACE_SETOPTIONS}, $pid, 0, ${PTRACE_O_TRACEEXIT});
  ptrace(${PTRACE_SETOPTIONS}, $pid, 0, 0);
  print "end";`;

async function tracerOf(client: Client): Promise<number> {
  return Number(/pid=(\d+);/.exec(await client.readUntil(";"))?.[1]);
}

async function untilZombie(pid: number): Promise<void> {
  const isZombie = () => /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  await until(isZombie, `process ${pid} has ended`);
}

describe.if(process.getuid?.() === 0)("where each child has a user of its own", () => {
  test("an operator's KILL ends a child that a process of its own traces, and that process", async () => {
    await using server = await startServer({ exec: `perl -MPOSIX -e '${TRACED_ZOMBIE}'` });
    await using client = await connect(server.port);
    const tracer = await tracerOf(client);
    const { id, pid } = await server.event("serving");
    await untilZombie(pid);
    const url = `${server.url}api/children/${id}?signal=KILL&wait=1`;
    const response = await fetch(url, { method: "DELETE" });
    const { receipt } = (await response.json()) as { receipt: unknown };
    expect(receipt).toMatchObject({ outcome: "gone", leftovers: 1 });
    expect(isRunning(tracer)).toBe(false);
    expect(await client.readToEnd()).toMatchObject({ end: "clean" });
  });

  test("the server stops with such a child, and leaves nothing behind", async () => {
    await using server = await startServer({ exec: `perl -MPOSIX -e '${TRACED_ZOMBIE}'` });
    await using client = await connect(server.port);
    const tracer = await tracerOf(client);
    await untilZombie((await server.event("serving")).pid);
    server.signal("SIGTERM");
    await server.event("stopping");
    server.signal("SIGTERM"); // does not wait for what ignores TERM
    expect(await server.exited()).toBe(0);
    expect(isRunning(tracer)).toBe(false);
    expect(server.events("warning")).toEqual([]);
  });

  test("no process can make one that it traces wait for it when it is killed", async () => {
    await using server = await startServer({ exec: `perl -e '${OPTIONS}'` });
    await using client = await connect(server.port);
    expect(await client.readUntil("end")).toBe("no yes no yes end");
  });
});

test.if(process.getuid?.() === 0)(
  "the server stops although a child cannot be killed, and says so",
  async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "test-unkillable-"));
    chmodSync(folder.path, 0o755);
    const setpriv = join(folder.path, "setpriv");
    copyFileSync("/usr/bin/setpriv", setpriv);
    chmodSync(setpriv, 0o4755); // the master, an ordinary user, may not signal what it becomes
    const env = { BROOD_ALLOW_PRIVILEGES: "true" };
    const exec = `${setpriv} --reuid=0 sh -c 'echo root; exec sleep 1000'`;
    await using server = await startServer({ exec, childProcesses: 0 }, { ordinary: true, env });
    await using client = await connect(server.port);
    await client.readUntil("root\n");
    const { pid } = await server.event("spawned");
    server.signal("SIGTERM");
    await server.event("stopping");
    server.signal("SIGTERM");
    expect(await server.exited()).toBe(0);
    expect(isRunning(pid)).toBe(true);
    process.kill(pid, "SIGKILL");
    expect(server.events("warning").at(-1)?.message).toEndWith(`cannot be killed: PID ${pid}`);
    expect(server.events("stopped")).toMatchObject([{ accepted: 1 }]);
  },
);
