/** What a client's child can take from the machine, and so from the other clients. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { systemCallNumber } from "../../server/os/system-call-numbers.ts";
import { readProcess } from "../../shared/proc.ts";
import { connect } from "../harness/connect.ts";
import { startServer } from "../harness/server.ts";
import { SERVERS } from "./servers.ts";
import { shell } from "./shell.ts";

const isRoot = process.getuid?.() === 0;

/**
 * Starts processes that stay, up to twice the default of --child-processes, and
 * prints how many there are.
 */
const FORKS = `
  my @forked;
  while (@forked < 512 && defined(my $pid = fork)) { $pid or sleep 1000, exit; push @forked, $pid }
  print scalar @forked`;

/**
 * Takes pseudoterminals until somewhat more than half of the machine's are taken, and keeps it so.
 */
const TAKES_TERMINALS = `
  sub value { open my $file, "<", "/proc/sys/kernel/pty/$_[0]"; 0 + <$file> }
  my $enough = value("max") / 2 + 200;
  my @held;
  while () {
    if (value("nr") > $enough) { select undef, undef, undef, 0.05; next }
    if (open my $file, "+<", "/dev/ptmx") { push @held, $file }
  }`;

/** Makes one object of each kind of System V: key IPC_PRIVATE, 0600. */
const OBJECTS = `print join " ", map { defined ? "made" : $!+0 } shmget(0, 4096, 0600), semget(0, 1, 0600), msgget(0, 0600)`;

/** Lines of objects, without the head. */
const objects = (text: string) =>
  text.split("\n").filter((line) => line !== "" && !line.includes("key"));

/** Those of this machine, outside of any namespace, that belong to users of children. */
function machineObjects(uid: number): string[] {
  const kinds = ["shm", "sem", "msg"];
  const lines = kinds.flatMap((kind) => objects(readFileSync(`/proc/sysvipc/${kind}`, "latin1")));
  return lines.filter((line) => line.trim().split(/\s+/).includes(`${uid}`));
}

describe.if(isRoot)("root's server", () => {
  test("serves the next client while one starts all the processes that it can", async () => {
    await using server = await startServer({ exec: "bash" });
    await using client = await connect(server.port);
    const count = Number((await shell(client, `perl -e '${FORKS}'`)).output);
    expect(count).toBeWithin(200, 256);
    await using next = await connect(server.port);
    expect((await shell(next, "/bin/echo served")).output).toBe("served\n");
    await client.send("exit\n");
    client.close();
    const { leftovers } = await server.event("ended");
    expect(leftovers).toBe(count);
  });

  test("gives the next client a terminal while one takes all that it can", async () => {
    await using server = await startServer({ pty: "bash --norc -i" });
    await using client = await connect(server.port);
    const { pid } = await server.event("serving");
    const { uid } = readProcess(pid)!;
    await client.send(`exec perl -e '${TAKES_TERMINALS.replaceAll("\n", " ")}'\n`);
    const { message } = await server.event("warning");
    expect(message).toMatch(new RegExp(`^user ${uid} holds .* pseudoterminals, .*: killed$`));
    expect(await server.event("ended")).toMatchObject({
      reason: "killed by signal",
      signal: "SIGKILL",
    });
    await using next = await connect(server.port);
    expect((await shell(next, "tty")).output).toStartWith("/dev/pts/");
  });

  test("keeps the objects of System V of its children apart from the machine's, and frees their shared memory", async () => {
    await using server = await startServer({ exec: "bash" });
    await using client = await connect(server.port);
    const uid = Number((await shell(client, "id -u")).output);
    expect((await shell(client, `perl -e '${OBJECTS}'`)).output).toBe("made made made");
    expect(machineObjects(uid)).toEqual([]);
    await using next = await connect(server.port);
    const left = async (kind: string) =>
      objects((await shell(next, `cat /proc/sysvipc/${kind}`)).output);
    expect(await left("shm")).toEqual([]);
    // The others take little, and stay as long as the server.
    expect((await left("sem")).length).toBe(1);
    expect((await shell(next, "cat /proc/sys/kernel/sem")).output).toBe("250\t32000\t32\t128\n");
    expect((await shell(next, "cat /proc/sys/kernel/msgmni")).output).toBe("128\n");
  });
});

for (const [name, { flags, circumstances }] of Object.entries(SERVERS)) {
  test(`the client of ${name} makes no memory that the master would not see`, async () => {
    const all = { ...flags, exec: "bash", childMemory: "100M" };
    await using server = await startServer(all, circumstances);
    expect((await server.event("confined")).memoryBy).toBe("polling");
    await using client = await connect(server.port);
    const memfd = systemCallNumber("memfd_create");
    const attempts = [`syscall(${memfd}, my $name = "name", 0)`, "shmget(0, 4096, 0600) // -1"];
    for (const attempt of attempts) {
      const { output } = await shell(client, `perl -e 'print ${attempt} < 0 ? $! : "made"'`);
      expect(output).toBe("Function not implemented");
    }
  });
}
