/**
 * The sandbox: what the client of a module, a program or a terminal cannot do, as
 * root's server and as a user's.
 */
import { describe, expect, test } from "bun:test";
import {
  chownSync,
  existsSync,
  mkdtempDisposableSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../harness/connect.ts";
import {
  AS_ORDINARY_USER,
  executableForOrdinaryUser,
  ORDINARY_UID,
} from "../harness/ordinary-user.ts";
import { EXECUTABLE, run } from "../harness/run.ts";
import { startServer } from "../harness/server.ts";
import { shareServers } from "../harness/shared-server.ts";
import { until } from "../harness/until.ts";
import { SERVERS } from "./servers.ts";
import { attacked, KINDS, shell } from "./shell.ts";
import { WITHOUT_LANDLOCK } from "./without-landlock.ts";

for (const name of Object.keys(SERVERS)) {
  const isOrdinary = name.startsWith("an ordinary");
  describe(name, () => {
    const sharedServer = shareServers();
    const attackedByDefault = (kind: string) => attacked(name, kind, {}, {}, sharedServer);

    for (const kind of Object.keys(KINDS)) {
      test(`the client of ${kind} gains no privileges`, async () => {
        await using found = await attackedByDefault(kind);
        const { output } = await shell(found.client, "grep NoNewPrivs /proc/self/status");
        expect(output).toBe("NoNewPrivs:\t1\n");
        // A user namespace has privileges of its own, such as to mount what
        // makes a process unkillable.
        expect((await shell(found.client, "unshare -U true")).status).not.toBe(0);
      });

      test(`the client of ${kind} gains privileges with --allow-privileges`, async () => {
        await using found = await attacked(name, kind, {}, { BROOD_ALLOW_PRIVILEGES: "true" });
        const { output } = await shell(found.client, "grep NoNewPrivs /proc/self/status");
        expect(output).toBe("NoNewPrivs:\t0\n");
        expect((await shell(found.client, "unshare -U true")).status).toBe(0);
        expect(await found.server.event("confined")).toMatchObject({ newPrivileges: true });
      });

      test(`the client of ${kind} has a temporary directory of its own, which is removed with it`, async () => {
        await using found = await attacked(name, kind);
        const { client, server } = found;
        const { output } = await shell(client, "echo $TMPDIR; stat -c %a $TMPDIR");
        const [directory = "", mode] = output.split("\n");
        expect(mode).toBe("700");
        expect(existsSync(directory)).toBe(true);
        const hostile = [
          "cd $TMPDIR",
          "ln -s / root",
          "ln -s ../.. up",
          `echo kept > ${found.folder}/kept`,
          `ln -s ${found.folder} link`,
          "touch -- -rf '*' ' '",
          "mkdir -p locked/in",
          "chmod 0 locked",
          "for i in $(seq 200); do : > file$i; done",
          "mkdir -p $(printf 'd/%.0s' $(seq 100))", // by one command: cd takes longer the deeper it is
        ].join("; ");
        expect((await shell(client, hostile)).status).toBe(0);
        await client.send("exit\n");
        client.close();
        await server.event("ended");
        await until(() => !existsSync(directory), "the directory is removed");
        expect(readFileSync(join(found.folder, "kept"), "utf8")).toBe("kept\n");
        expect(server.events("warning")).toEqual([]);
      });

      test(`the client of ${kind} writes nothing but temporary files with --writable none`, async () => {
        await using found = await attacked(name, kind, { writable: "none" });
        const { client, folder } = found;
        expect((await shell(client, `echo forged > ${folder}/file`)).status).not.toBe(0);
        expect((await shell(client, `mkdir ${folder}/directory`)).status).not.toBe(0);
        expect((await shell(client, "echo mine > $TMPDIR/file && cat $TMPDIR/file")).output).toBe(
          "mine\n",
        );
        expect(readdirSync(folder)).toEqual([]);
      });

      test(`the client of ${kind} writes only in the directories of --writable`, async () => {
        using writable = mkdtempDisposableSync(join(tmpdir(), "test-writable-"));
        await Bun.$`chmod 1777 ${writable.path}`;
        await using found = await attacked(name, kind, { writable: writable.path });
        const { client, folder } = found;
        const both = `echo a > ${writable.path}/file; echo a > ${folder}/file`;
        expect((await shell(client, both)).status).not.toBe(0);
        expect(existsSync(join(writable.path, "file"))).toBe(true);
        expect(existsSync(join(folder, "file"))).toBe(false);
      });

      test(`the client of ${kind} has no network with --network none`, async () => {
        using listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
        await using found = await attacked(name, kind, { network: "none" });
        const connect = `exec 3<>/dev/tcp/127.0.0.1/${listener.port}`;
        expect((await shell(found.client, connect)).status).not.toBe(0);
        expect((await shell(found.client, `exec 3<>/dev/udp/127.0.0.1/53`)).status).not.toBe(0);
        expect(await found.server.event("confined")).toMatchObject({ network: "none" });
      });

      test(`the client of ${kind} cannot listen in place of the page or the server, but elsewhere`, async () => {
        await using found = await attackedByDefault(kind);
        const { port } = new URL(found.server.url);
        const listen = (on: number | string) =>
          `perl -MSocket -e 'socket S, AF_INET, SOCK_STREAM, 0; exit !bind(S, sockaddr_in(${on}, inet_aton("127.0.0.2")))'`;
        expect((await shell(found.client, listen(port))).status).not.toBe(0);
        expect((await shell(found.client, listen(found.server.port))).status).not.toBe(0);
        expect((await shell(found.client, listen(0))).status).toBe(0);
        // IP_LOCAL_PORT_RANGE says which port 0 stands for.
        const listenByRange = (on: number | string) =>
          `perl -MSocket -e 'socket S, AF_INET, SOCK_STREAM, 0; setsockopt S, 0, 51, pack("L", ${on} | ${on} << 16); bind S, sockaddr_in(0, inet_aton("127.0.0.2")); exit !((sockaddr_in getsockname S)[0] == ${on})'`;
        expect((await shell(found.client, listenByRange(port))).status).not.toBe(0);
        expect((await shell(found.client, listenByRange(found.server.port))).status).not.toBe(0);
      });

      if (!isOrdinary) continue;
      test(`the client of ${kind} cannot connect to the page, but to other ports`, async () => {
        using listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
        await using found = await attackedByDefault(kind);
        const { port } = new URL(found.server.url);
        const tcp = (to: number | string) => `exec 3<>/dev/tcp/127.0.0.1/${to}`;
        expect((await shell(found.client, tcp(listener.port))).status).toBe(0);
        // The other is that of another server's page, by default.
        for (const closed of [port, 65_080]) {
          expect((await shell(found.client, tcp(closed))).output).toContain("Permission denied");
        }
      });
    }
  });
}

for (const [name, { flags, circumstances }] of Object.entries(SERVERS)) {
  test(`the client of ${name} cannot keep the next one from its temporary directory`, async () => {
    await using server = await startServer({ ...flags, exec: "bash" }, circumstances);
    const attacks = [
      "cd $TMPDIR/.. && mkdir $(seq 200) $(seq -f child-%g 200)",
      "chmod 0 $TMPDIR/..",
      "chmod 0 $TMPDIR/../..",
      "rm -rf $TMPDIR/../../brood-tmp-*",
    ];
    for (const attack of attacks) {
      await using client = await connect(server.port);
      await shell(client, attack);
      await using next = await connect(server.port);
      expect((await shell(next, "echo mine > $TMPDIR/file && cat $TMPDIR/file")).output).toBe(
        "mine\n",
      );
    }
  });
}

test("an ordinary user's session ends, and its temporary directory with it, though the client has closed their parent", async () => {
  const circumstances = SERVERS["an ordinary user's server"]?.circumstances;
  await using server = await startServer({ exec: "bash" }, circumstances);
  for (const file of ["", "touch $TMPDIR/file; "]) {
    await using client = await connect(server.port);
    const { output } = await shell(client, "echo $TMPDIR");
    const { id } = await server.event("serving", ({ remotePort }) => remotePort === client.port);
    await client.send(`${file}chmod 0 $TMPDIR/..; exit\n`);
    await server.event("ended", (event) => event.id === id);
    // What is in it is removed by a process that is started when the session ends.
    await until(() => !existsSync(output.trim()), "the directory is removed");
  }
  expect(server.events("warning")).toEqual([]);
});

test("the client of an ordinary user's module or program cannot open the operator's terminal", async () => {
  const circumstances = SERVERS["an ordinary user's server"]?.circumstances;
  // The terminal of another server's child, which has the same user, is like the operator's.
  await using terminal = await startServer({ pty: "bash --norc -i" }, circumstances);
  await using operator = await connect(terminal.port);
  const { output } = await shell(operator, "tty");
  const device = output.trim();
  expect(device).toStartWith("/dev/pts/");
  for (const writable of [{}, { writable: "none" }]) {
    await using server = await startServer({ exec: "bash", ...writable }, circumstances);
    await using client = await connect(server.port);
    expect((await shell(client, `echo forged > ${device}`)).status).not.toBe(0);
    expect((await shell(client, `: < ${device}`)).status).not.toBe(0);
  }
});

/**
 * The top of the control groups; undefined if they cannot be changed here, as in many containers.
 */
const controlGroups = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].find((path) =>
  readFileSync("/proc/self/mounts", "latin1").includes(`cgroup2 ${path} cgroup2 rw`),
);

/**
 * A group of processes that the ordinary user may control, as systemd
 * delegates one to `systemd --user`.
 */
function delegatedGroup(parent: string): { file: string } & Disposable {
  const path = mkdtempSync(join(parent, "test-brood-"));
  const file = join(path, "cgroup.kill");
  for (const one of [path, file]) chownSync(one, ORDINARY_UID, ORDINARY_UID);
  return { file, [Symbol.dispose]: () => rmdirSync(path) };
}

/** A line on which the ordinary user is signed in; it is /dev/null. */
async function line(): Promise<{ file: string } & Disposable> {
  const file = `/dev/ttyTEST${process.pid}`;
  await Bun.$`mknod -m 600 ${file} c 1 3 && chown ${ORDINARY_UID} ${file}`;
  return { file, [Symbol.dispose]: () => unlinkSync(file) };
}

/** Expects that the ordinary user can do these things, and the client of its server cannot. */
async function expectDenied(attempts: readonly string[]): Promise<void> {
  for (const attempt of attempts) {
    expect((await run([...AS_ORDINARY_USER, "sh", "-c", attempt])).exitCode).toBe(0);
  }
  for (const kind of Object.keys(KINDS)) {
    await using found = await attacked("an ordinary user's server", kind);
    for (const attempt of attempts) {
      const { status } = await shell(found.client, attempt);
      expect({ kind, attempt, status }).not.toEqual({ kind, attempt, status: 0 });
    }
  }
}

const isRoot = process.getuid?.() === 0;

test.if(isRoot)("the client of an ordinary user's server cannot use its console", async () => {
  using terminal = await line();
  await expectDenied([`: >> ${terminal.file}`, `: < ${terminal.file}`]);
});

test.if(isRoot && controlGroups !== undefined)(
  "the client of an ordinary user's server cannot kill or freeze its control group",
  async () => {
    using group = delegatedGroup(controlGroups ?? "");
    await expectDenied([`: >> ${group.file}`]);
  },
);

test("--confine strict starts where everything is possible", async () => {
  await using server = await startServer({ confine: "strict" });
  expect((await server.event("confined")).gaps).toEqual([]);
});

test("--confine strict requires an ordinary user to do without a limit on processes, which would be its own", async () => {
  const circumstances = SERVERS["an ordinary user's server"]?.circumstances ?? {};
  const [program] = circumstances.ordinary ? [executableForOrdinaryUser()] : [EXECUTABLE];
  const as = circumstances.ordinary ? AS_ORDINARY_USER : [];
  const flags = ["--port", "0", "--dashboard", "off", "--exec", "cat", "--confine", "strict"];
  const { exitCode, stderr } = await run([...as, program, "serve", ...flags], { cwd: "/" });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr:
      "brood: --confine strict: not possible here: --child-processes: children share a user.\n",
  });
  await using server = await startServer(
    { exec: "cat", confine: "strict", childProcesses: 0 },
    circumstances,
  );
  const { gaps, maxProcesses } = await server.event("confined");
  expect({ gaps, maxProcesses }).toEqual({ gaps: [], maxProcesses: null });
});

test("--confine strict names what is not possible, and does not start", async () => {
  const flags = ["--port", "0", "--dashboard", "off", "--confine", "strict", "--exec", "cat"];
  const cmd = [...AS_ORDINARY_USER, EXECUTABLE, "serve", ...flags, "--allow-privileges"];
  const { exitCode, stderr } = await run(cmd, { cwd: "/" });
  expect(exitCode).toBe(2);
  expect(stderr).toStartWith("brood: --confine strict: not possible here: ");
  expect(ORDINARY_UID).toBeGreaterThan(0);
});

test("a server on a kernel without Landlock lists what that takes, and does not start with --confine strict", async () => {
  const reason = "this kernel has no Landlock";
  const program = [...WITHOUT_LANDLOCK, EXECUTABLE];
  await using server = await startServer({ exec: "cat" }, { program });
  const { gaps } = await server.event("confined");
  expect(gaps).toContainEqual({ what: "ports", reason });
  const flags = ["--port", "0", "--dashboard", "off", "--exec", "cat", "--confine", "strict"];
  const { exitCode, stderr } = await run([...program, "serve", ...flags]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: `brood: --confine strict: not possible here: ports: ${reason}.\n`,
  });
});
