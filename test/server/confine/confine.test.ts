/** What confines each child, as the system shows it. */
import { describe, expect, onTestFinished, test } from "bun:test";
import {
  chmodSync,
  mkdtempDisposableSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { quote } from "shlex";
import { type Client, connect } from "../../harness/connect.ts";
import { makePrivateDirectory } from "../../harness/private-directory.ts";
import { isRunning, listFamily } from "../../harness/processes.ts";
import { brood, EXECUTABLE, run } from "../../harness/run.ts";
import {
  type Circumstances,
  type Flags,
  type Server,
  startServerWithoutPage,
} from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { expectServed } from "../child/served.ts";

const isRoot = process.getuid?.() === 0;

/** The fields of /proc/PID/status, by name. */
function status(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, "utf8").trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => line.split(":\t").map((part) => part.trim()) as [string, string]),
  );
}

function environment(pid: number): Record<string, string> {
  const settings = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  return Object.fromEntries(
    settings.map((setting) => [
      setting.slice(0, setting.indexOf("=")),
      setting.slice(setting.indexOf("=") + 1),
    ]),
  );
}

/** The soft and the hard limit. */
function limits(pid: number, name: string): string[] {
  const text = readFileSync(`/proc/${pid}/limits`, "utf8");
  const [, soft = "", hard = ""] =
    new RegExp(`^Max ${name}\\s+(\\S+)\\s+(\\S+)`, "m").exec(text) ?? [];
  return [soft, hard];
}

/** A server, a client that it serves, and the PID of the child that serves it. */
async function serving(flags: Flags = {}, circumstances: Circumstances = {}) {
  const stack = new AsyncDisposableStack();
  const server: Server = stack.use(await startServerWithoutPage(flags, circumstances));
  const client: Client = stack.use(await connect(server.port));
  await expectServed(client);
  const { pid } = await server.event("serving");
  return { server, client, pid, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** The processes beside the master, when there are `count`. */
async function family(server: Server, count: number): Promise<number[]> {
  const isReady = async () => {
    const pids = (await listFamily(server.pid)).map(({ pid }) => pid);
    return pids.length === count + 1 && pids.filter((pid) => pid !== server.pid);
  };
  return until(isReady, `${count} processes beside the master`);
}

/** Executes $0 as root of a user namespace with the first 70,000 IDs, as containers have. */
const IN_SMALL_NAMESPACE = `
  {
    until [ "$(readlink /proc/$$/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.01; done
    for ids in uid gid; do echo 0 0 70000 > /proc/$$/"$ids"_map; done
  } &
  exec unshare --user sh -c 'until [ "$(id -u)-$(id -g)" = 0-0 ]; do sleep 0.01; done; exec "$0" "$@"' "$0" "$@"`;

describe.if(isRoot)("children of root", () => {
  for (const spares of [0, 1]) {
    test(`run as a user of their own, with no other group and no privilege, with ${spares} spares`, async () => {
      await using found = await serving({ spares, uids: "300000-300999" }, { groups: "4,5" });
      const seen = new Set<number>();
      for (const pid of await family(found.server, 1 + spares)) {
        const uid = Number(status(pid).Uid?.split("\t")[0]);
        expect(uid).toBeWithin(300_000, 301_000);
        seen.add(uid);
        expect(status(pid)).toMatchObject({
          Uid: [uid, uid, uid, uid].join("\t"),
          Gid: [uid, uid, uid, uid].join("\t"),
          Groups: "",
          CapPrm: "0000000000000000",
          CapEff: "0000000000000000",
          CapAmb: "0000000000000000",
        });
      }
      expect(seen.size).toBe(1 + spares);
      const user = "300000-300999";
      expect(await found.server.event("confined")).toMatchObject({ user, ownUser: true });
    });
  }

  for (const service of ["time", "chat"]) {
    test(`that speak ${service} start with the fewest processes and threads that may be asked for`, async () => {
      const flags = { service, spares: 1, childProcesses: 16, childFileSize: "1M" };
      await using server = await startServerWithoutPage(flags);
      await using client = await connect(server.port);
      await client.send("time\n");
      await client.readUntil("\n");
      for (const pid of await family(server, 2)) {
        expect(limits(pid, "processes")).toEqual(["16", "16"]);
        expect(limits(pid, "file size")).toEqual(["1000448", "1000448"]);
        expect(limits(pid, "core file size")).toEqual(["0", "0"]);
      }
    });
  }

  test("that are programs can be kept from starting any process", async () => {
    const exec = "sh -c 'echo one; cat /dev/null; echo two'";
    await using server = await startServerWithoutPage({ exec, childProcesses: 1 });
    await using client = await connect(server.port);
    expect((await client.readToEnd()).text).toBe("one\n");
    await server.event("printed", ({ text }) => text.includes("fork"));
  });

  test("run as one user where the user namespace lacks the IDs, and the log says so", async () => {
    await using found = await serving(
      {},
      { program: ["bash", "-c", IN_SMALL_NAMESPACE, EXECUTABLE] },
    );
    const { user, noOwnUserReason } = await found.server.event("confined");
    const reason = "the user namespace has no IDs 1879048192-2147483647";
    expect({ user, noOwnUserReason }).toEqual({ user: "nobody", noOwnUserReason: reason });
    await found.server.event("warning", ({ message }) =>
      message.endsWith(`user nobody: ${reason}`),
    );
  });

  test("run as the user and group that are asked for", async () => {
    await using found = await serving({ user: 12_345, group: "daemon" });
    const { Uid, Gid } = status(found.pid);
    expect({ Uid, Gid }).toEqual({ Uid: "12345\t12345\t12345\t12345", Gid: "1\t1\t1\t1" });
  });

  test("run as a user that only getent(1) knows, which gets no password from the environment", async () => {
    using directory = mkdtempDisposableSync(`${tmpdir()}/test-getent-`);
    const path = `${directory.path}/getent`;
    writeFileSync(
      path,
      '#!/bin/sh\n[ "$1" = passwd ] || exit 2\nenv > "$(dirname "$0")/environment"\necho "ada:*:12345:1::/home/ada:/bin/sh"\n',
    );
    chmodSync(path, 0o755);
    const env = {
      PATH: `${directory.path}:${process.env.PATH}`,
      BROOD_DASHBOARD_PASSWORD: "sesame",
      BROOD_DASHBOARD_WATCH_PASSWORD: "open",
    };
    await using found = await serving({ user: "ada", group: "1" }, { env });
    const seen = await Bun.file(`${directory.path}/environment`).text();
    expect(seen).toContain(`PATH=${env.PATH}`);
    expect(seen).not.toMatch(/PASSWORD|sesame|open/);
    expect(status(found.pid).Uid).toBe("12345\t12345\t12345\t12345");
    expect(await found.server.event("confined")).toMatchObject({ user: "ada" });
  });

  test("stay root only where root is asked for", async () => {
    await using found = await serving({ user: "root" });
    expect(status(found.pid).Uid).toBe("0\t0\t0\t0");
    expect(await found.server.event("confined")).toMatchObject({ user: "root", group: "root" });
  });

  test("that cannot start as another user are an error before there is a client", async () => {
    const closed = makePrivateDirectory("test-closed-");
    onTestFinished(() => rmSync(closed, { recursive: true }));
    chmodSync(closed, 0o700);
    const outcome = await run(brood("serve", "--port", "0", "--dashboard", "off"), {
      env: { TMPDIR: closed },
    });
    expect(outcome).toMatchObject({ exitCode: 1, stdout: "" });
    expect(outcome.stderr).toMatch(
      /^brood: children cannot run as users of their own \(\d+-\d+\) in \/: .+\n$/,
    );
    expect(outcome.stderr).toContain(`able to reach ${closed} (TMPDIR)`);
  });
});

test("children of a user run as that user, and as no other", async () => {
  await using found = await serving({}, { unprivileged: true });
  expect(status(found.pid).Uid).toBe(status(found.server.pid).Uid as string);
  const asNobody = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
  const { exitCode, stderr } = await run([...asNobody, ...brood("serve", "--user", "root")]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr:
      "brood: --user root, --group root: only root can run children as another user or group.\n",
  });
});

describe("what this machine does not have is an error of one line", () => {
  for (const [flag, value, message] of [
    ["--user", "no-such-user", "--user no-such-user: no such user on this machine."],
    ["--group", "no-such-group", "--group no-such-group: no such group on this machine."],
    ["--user", "4294967294", "--user 4294967294 has no group here: give --group too."],
    [
      "--uids",
      "5-6 --user 7",
      "--uids and --user cannot be combined: each child has its own user, or all have the same.",
    ],
    ["--directory", "/not/there", "--directory /not/there: no such directory."],
    ["--directory", "/etc/passwd", "--directory /etc/passwd: no such directory."],
  ] as const) {
    test(`${flag} ${value}`, async () => {
      const outcome = await run(brood("serve", flag, ...value.split(" ")));
      expect(outcome).toEqual({ exitCode: 2, stdout: "", stderr: `brood: ${message}\n` });
    });
  }
});

test("a child and a spare get the variables that they need, and no secret", async () => {
  await using found = await serving(
    { spares: 1, childEnv: "DATABASE_URL,NOT_SET" },
    {
      env: {
        SECRET: "sesame",
        BROOD_DASHBOARD_PASSWORD: "sesame",
        AWS_SECRET_ACCESS_KEY: "sesame",
        BUN_CONFIG_TOKEN: "sesame",
        DATABASE_URL: "passed-on",
        LC_TIME: "C",
        TZ: "Asia/Seoul",
        BUN_JSC_useDFGJIT: "0",
      },
    },
  );
  for (const pid of await family(found.server, 2)) {
    const variables = environment(pid);
    expect(variables).toMatchObject({
      DATABASE_URL: "passed-on",
      LC_TIME: "C",
      TZ: "Asia/Seoul",
      LANG: "C.UTF-8",
      BUN_JSC_useDFGJIT: "0",
      TMPDIR: found.server.directory,
      PATH: expect.any(String),
    });
    expect(Object.values(variables)).not.toContain("sesame");
    expect("HOME" in variables).toBe(!isRoot); // another user's home is none of its business
  }
  const { environment: names } = await found.server.event("confined");
  expect(names).toContain("DATABASE_URL");
  expect(names).not.toContain("SECRET");
});

test("a child runs in / with a umask of 077", async () => {
  await using found = await serving();
  expect(readlinkSync(`/proc/${found.pid}/cwd`)).toBe("/");
  expect(status(found.pid).Umask).toBe("0077");
});

test("a child runs in the directory and with the umask that are asked for", async () => {
  await using found = await serving({ directory: "/usr", umask: "027" });
  expect(readlinkSync(`/proc/${found.pid}/cwd`)).toBe("/usr");
  expect(status(found.pid).Umask).toBe("0027");
});

test("a configuration in the directory where children run is not loaded", async () => {
  using place = mkdtempDisposableSync(`${tmpdir()}/test-place-`);
  await Bun.write(`${place.path}/bunfig.toml`, 'preload = ["/not/there.ts"]\n');
  chmodSync(place.path, 0o755);
  await using _ = await serving({ directory: place.path });
});

test("without flags a child has the limits of its master", async () => {
  await using found = await serving();
  for (const name of ["cpu time", "open files"]) {
    const [, hard = ""] = limits(found.server.pid, name);
    expect(limits(found.pid, name)[1]).toBe(hard);
  }
});

for (const spares of [0, 1]) {
  test(`--child-files and --child-cpu are limits of the kernel, with ${spares} spares`, async () => {
    await using found = await serving({ spares, childFiles: 16, childCpu: "2m" });
    for (const pid of await family(found.server, 1 + spares)) {
      await until(() => status(pid).Name === "server", "the child is no shell any more");
      expect(limits(pid, "open files")).toEqual(["16", "16"]);
      expect(limits(pid, "cpu time")).toEqual(["120", "122"]);
    }
    expect(await found.server.event("confined")).toMatchObject({ maxFiles: 16, cpuSeconds: 120 });
    expect(limits(found.server.pid, "cpu time")).not.toContain("120");
  });
}

test("a limit above the master's own is an error at startup", async () => {
  const asked = brood("serve", "--port", "0", "--dashboard", "off", "--child-files", "5000");
  const outcome = await run(["prlimit", "--nofile=1000:1000", ...asked]);
  expect(outcome.exitCode).toBe(1);
  expect(outcome.stderr).toMatch(/^brood: children cannot run as .+ulimit.+\n$/);
});

test("a child that has used up its processor time is ended, and the others continue", async () => {
  await using found = await serving({ childCpu: "1s" }, { mayWriteErrors: true });
  await using busy = await connect(found.server.port);
  let ended = false;
  const end = busy.readToEnd().finally(() => (ended = true));
  const flood = "time\n".repeat(10_000);
  await until(() => {
    busy.sendSome(flood);
    return ended;
  }, "a second of processor time is used up");
  await end;
  expect(await found.server.event("ended")).toMatchObject({
    remotePort: busy.port,
    reason: "crashed",
    signal: "SIGXCPU",
  });
  await expectServed(found.client);
});

test("a child that uses more memory than allowed is logged and killed, and the next is served", async () => {
  await using server = await startServerWithoutPage({ childMemory: "1M" });
  await using client = await connect(server.port);
  expect((await client.readToEnd()).end).toBe("clean");
  const ended = await server.event("ended");
  expect(ended).toMatchObject({ reason: "killed by signal", signal: "SIGKILL" });
  const { message } = await server.event("warning");
  expect(message).toMatch(
    new RegExp(`^PID ${ended.pid} uses \\d.+ MB, more than --child-memory 1.0 MB: killed$`),
  );
  expect(server.log.findIndex(({ event }) => event === "warning")).toBeLessThan(
    server.log.findIndex(({ event }) => event === "ended"),
  );
  await using next = await connect(server.port);
  await expectServed(next);
});

for (const flag of ["exec", "pty"] as const) {
  test(`what a program has started counts as the child's memory, and is killed with it: --${flag}`, async () => {
    const eater = `perl -e '$SIG{HUP} = "IGNORE"; $x = "x" x 200_000_000; sleep 1000'`;
    const script = `setsid ${eater} & echo $! pid; sleep 1000; :`;
    await using server = await startServerWithoutPage({
      [flag]: `sh -c ${quote(script)}`,
      childMemory: "100M",
    });
    await using client = await connect(server.port);
    const descendant = Number(/(\d+) pid/.exec(await client.readUntil(" pid"))?.[1]);
    const ended = await server.event("ended");
    expect(ended).toMatchObject({ reason: "killed by signal", signal: "SIGKILL" });
    const { message } = await server.event("warning");
    expect(message).toMatch(
      new RegExp(`^PID ${ended.pid} and its descendants use \\d{3} MB, more than `),
    );
    await until(() => !isRunning(descendant), "it has ended");
  });
}

/** A service that maps 200 MB that its descendants would share, and writes to them. */
const MAPS_SHARED = `
  import { dlopen, FFIType } from "bun:ffi";
  import { service } from "brood";
  const { i32, i64_fast: long } = FFIType;
  const { mmap, memset } = dlopen("libc.so.6", {
    mmap: { args: [long, long, i32, i32, i32, long], returns: long },
    memset: { args: [long, i32, long], returns: long },
  }).symbols;
  export default service({ open: () => void memset(mmap(0, 200_000_000, 3, 0x21, -1, 0), 1, 200_000_000) });`;

test("shared memory that a child has mapped counts", async () => {
  using place = mkdtempDisposableSync(`${tmpdir()}/test-shared-`);
  const service = `${place.path}/shared.ts`;
  await Bun.write(service, MAPS_SHARED);
  await using server = await startServerWithoutPage({ service, childMemory: "150M" });
  await using client = await connect(server.port);
  expect((await client.readToEnd()).text).toBe("");
  const ended = await server.event("ended");
  expect(ended).toMatchObject({ reason: "killed by signal", signal: "SIGKILL" });
  const { message } = await server.event("warning");
  expect(message).toMatch(new RegExp(`^PID ${ended.pid} .*uses? \\d{3} MB, more than `));
});

test("a child with less memory than the limit lives", async () => {
  await using found = await serving({ childMemory: "200M" });
  await using tooBig = await startServerWithoutPage({ childMemory: "1M" });
  await using witness = await connect(tooBig.port);
  await witness.readToEnd(); // by then both masters have checked
  await expectServed(found.client);
  expect(found.server.events("warning")).toBeEmpty();
});

test("the limits in force are logged after where the server listens", async () => {
  await using server = await startServerWithoutPage({
    umask: "0",
    childFiles: 64,
    childMemory: "64M",
  });
  await server.event("confined");
  expect(server.log[0]?.event).toBe("listening");
  expect(server.log[1]).toMatchObject({
    event: "confined",
    directory: "/",
    umask: "000",
    maxFiles: 64,
    cpuSeconds: null,
    memoryBytes: 64_000_000,
  });
});
