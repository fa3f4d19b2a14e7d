/** What the child of a built-in service that was taken over can do: almost nothing. */
import { afterAll, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { urlOf } from "../dashboard/request.ts";
import { type Client, connect } from "../harness/connect.ts";
import { AS_ORDINARY_USER, ORDINARY_UID } from "../harness/ordinary-user.ts";
import { listFamily, threadOf } from "../harness/processes.ts";
import { run } from "../harness/run.ts";
import { type Server, startServer } from "../harness/server.ts";
import { until, untilEqual } from "../harness/until.ts";
import { SERVERS } from "./servers.ts";
import type { Targets } from "./taken-over/attack.ts";
import { buildTakenOver } from "./taken-over/build.ts";

const build = await buildTakenOver();
afterAll(() => build[Symbol.dispose]());

/**
 * How a call is refused. The last two: a process of another user's is hidden
 * in /proc of root's server.
 */
const REFUSED = ["EPERM", "EACCES", "ENOSYS", "EPROTONOSUPPORT", "EOPNOTSUPP", "ENOENT", "ESRCH"];

/** Where it restricts tracing, memory is no exception to what is refused. */
const YAMA = "/proc/sys/kernel/yama/ptrace_scope";
const MEMORY =
  existsSync(YAMA) && readFileSync(YAMA, "latin1") !== "0\n" ? [] : ["sibling: read mem"];

/** What Linux cannot deny a process of the same user. */
const OF_SIBLING = [...MEMORY, "sibling: environ", "sibling: cmdline", "sibling: kill"];

/** SECURITY.md says so, too. */
const POSSIBLE: Record<string, readonly string[]> = {
  "a server of root's": [],
  "a server of root's with one user for all children": OF_SIBLING,
  "an ordinary user's server": [...OF_SIBLING, "master: cmdline"],
};

/**
 * What an ordinary user may not do without the sandbox either, or depends on the kernel, or
 * is tried so that it fails.
 */
const NOT_POSSIBLE_ANYWAY = [
  /^lease a file$/,
  /^set an attribute$/,
  /^make a socket: (multipath|packet|crypto|vsock|SMC)$/,
  /client/, // there is none
  /^master: (?!cmdline|kill|prlimit|setpriority)/,
  /^sibling: (process_vm_|pidfd_getfd|ptrace|.* mem$)/,
  /^(shmat|clone a user namespace|enter a namespace|mount|umount|fsopen|open_tree|pivot_root)$/,
  /^(io_uring_setup|bpf|perf_event_open|userfaultfd|keyctl|add_key|setresuid)$/,
];

interface Attacked extends AsyncDisposable {
  server: Server;
  targets: Targets;
  attacker: Client;
  /** Returns what was sent to the socket for datagrams. */
  received(): string;
}

async function attacked(name: string, service: string): Promise<Attacked> {
  const { flags, circumstances } = SERVERS[name] ?? { flags: {}, circumstances: {} };
  const stack = new AsyncDisposableStack();
  const folder = stack.use(mkdtempDisposableSync(join(tmpdir(), "test-built-in-"))).path;
  const datagrams = join(folder, "datagrams");
  const file = join(folder, "file");
  const executable = join(folder, "executable");
  await Bun.write(file, "text");
  await Bun.write(executable, "#!/bin/sh\n");
  chmodSync(file, 0o666);
  chmodSync(executable, 0o755);
  chmodSync(folder, 0o777);
  if (process.getuid?.() === 0) await Bun.$`chown -R ${ORDINARY_UID} ${folder}`;
  const receiver = stack.use(await receiveDatagrams(datagrams));
  const [history, state] = [join(folder, "history"), join(folder, "state")];
  const env = { BUN_JSC_useJIT: "1" }; // which bun:ffi needs
  const server = stack.use(
    await startServer(
      { ...flags, service, history, state },
      { ...circumstances, env, program: [build.path] },
    ),
  );
  mkdirSync(state, { recursive: true });
  await until(() => existsSync(history), "the history is open");
  const family = async () =>
    (await listFamily(server.pid)).map(({ pid }) => pid).filter((pid) => pid !== server.pid);
  stack.use(await connect(server.port));
  const [sibling = 0] = await until(async () => (await family()).length === 1 && family(), "");
  const attacker = stack.use(await connect(server.port));
  const program = readdirSync(server.directory).find((one) =>
    existsSync(join(server.directory, one, "server")),
  );
  const targets = {
    master: server.pid,
    thread: threadOf(server.pid, "spawning thread"),
    sibling,
    pagePort: Number(urlOf(server, "/").port),
    file,
    folder,
    datagrams,
    history,
    state,
    program: join(server.directory, program ?? ""),
  };
  return {
    server,
    targets,
    attacker,
    received: receiver.received,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A process with a socket to which anybody may send. */
async function receiveDatagrams(path: string) {
  const program = `
    $| = 1; socket S, AF_UNIX, SOCK_DGRAM, 0; bind S, sockaddr_un($ARGV[0]); chmod 0777, $ARGV[0];
    print "ready"; while (1) { recv S, $text, 99, 0; print $text }`;
  const process = Bun.spawn(["perl", "-MSocket", "-e", program, path], { stdout: "pipe" });
  let text = "";
  const decoder = new TextDecoder();
  const read = (async () => {
    for await (const bytes of process.stdout) text += decoder.decode(bytes);
  })();
  await until(() => text.startsWith("ready"), "the socket is there");
  return {
    received: () => text.slice("ready".length),
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await read;
    },
  };
}

async function outcomesOf({ attacker, targets }: Attacked): Promise<Record<string, string>> {
  await attacker.send(`${JSON.stringify(targets)}\n`);
  return JSON.parse(await attacker.readUntil("\n")) as Record<string, string>;
}

for (const name of Object.keys(SERVERS)) {
  for (const service of ["time", "chat"]) {
    test(`the child of ${service}, of ${name}, can do nothing but what SECURITY.md says`, async () => {
      await using found = await attacked(name, service);
      const outcomes = await outcomesOf(found);
      const notRefused = Object.entries(outcomes).filter(([, code]) => !REFUSED.includes(code));
      const expected = (POSSIBLE[name] ?? []).map((what) => [what, "possible"]);
      expect(Object.fromEntries(notRefused)).toEqual(Object.fromEntries(expected));
      expect(found.received()).toBe("");
      await using next = await connect(found.server.port);
      expect(await outcomesOf({ ...found, attacker: next })).toEqual(outcomes);
    });
  }
}

test("without the sandbox an ordinary user could do what is refused", async () => {
  await using found = await attacked("an ordinary user's server", "time");
  const cmd = [...AS_ORDINARY_USER, build.path, "attack", JSON.stringify(found.targets)];
  const { stdout } = await run(cmd, { cwd: "/" });
  const outcomes = Object.entries(JSON.parse(stdout) as Record<string, string>).filter(
    ([what]) => !NOT_POSSIBLE_ANYWAY.some((pattern) => pattern.test(what)),
  );
  expect(Object.fromEntries(outcomes)).toEqual(
    Object.fromEntries(outcomes.map(([what]) => [what, "possible"])),
  );
  expect(outcomes.length).toBeGreaterThan(40);
  await untilEqual(found.received, "forged");
});
