/**
 * A real server in its own process, observed through what it prints.
 *
 *     await using server = await startServer({ maxClients: 2 });
 *     await using client = await connect(server.port);
 *     const { pid } = await server.event("serving");
 *
 * The end of the scope stops it, and fails the test unless it exits with status 0, has written
 * nothing to stderr, and leaves no process and no file behind. End a server that serves several
 * tests, from `beforeAll`, with `stop()`.
 */
import { onTestFinished } from "bun:test";
import { chownSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { LogEvent } from "../../shared/log.ts";
import { AS_ORDINARY_USER, executableForOrdinaryUser } from "./ordinary-user.ts";
import { makePrivateDirectory } from "./private-directory.ts";
import { processesWith } from "./processes.ts";
import { cleanEnvironment, readText, EXECUTABLE, ROOT, run } from "./run.ts";
import { until } from "./until.ts";

/** `{ maxClients: 2 }` is `--max-clients 2`. By default it listens on free ports. */
export type Flags = Record<string, string | number>;

export interface Circumstances {
  env?: Record<string, string>;
  /** Runs it as an unprivileged user, so that limits on processes apply. */
  unprivileged?: boolean;
  /**
   * Runs it as an ordinary user, without any of root's privileges and unable
   * to read what only root can.
   */
  ordinary?: boolean;
  /** The supplementary groups of root's server, as setpriv(1) takes them. */
  groups?: string;
  /** The command that runs brood; the built executable by default. */
  program?: readonly string[];
  /** The test makes processes crash, and they report that on stderr. */
  mayWriteErrors?: boolean;
  /** Receives each line of a log that is too long to collect. */
  takeLog?: (entry: Logged) => void;
}

type Name = LogEvent["event"];

/** One line of the log with `--log json`. */
export type Logged<N extends Name = Name> = Extract<LogEvent, { event: N }> & { time: string };

export interface Server extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** The page's address; "" with `--dashboard off`. */
  readonly url: string;
  /** The directory for its temporary files, empty once it has ended. */
  readonly directory: string;
  /** The log so far; empty unless `--log json`. */
  readonly log: readonly Logged[];
  readonly stdout: string;
  readonly stderr: string;
  /** Waits for the first log line with this name that meets the condition, and returns it. */
  event<N extends Name>(name: N, condition?: (event: Logged<N>) => boolean): Promise<Logged<N>>;
  /** Returns all log lines with this name so far. */
  events<N extends Name>(name: N): Logged<N>[];
  /** Waits until stdout contains this text `times` times. */
  prints(text: string, times?: number): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Limits the number of processes of the server's user; null restores the limit. */
  limitProcesses(count: number | null): Promise<void>;
  /**
   * Waits until the master has ended and, unless it was killed, all its output is
   * read. Returns its exit status.
   */
  exited(): Promise<number>;
  /**
   * Sends SIGTERM, waits until the master has ended, and checks that nothing is
   * left. Returns its exit status.
   */
  stop(): Promise<number>;
}

/** A user ID that nobody has, and thus without other processes. */
const NOBODY = 64_123;

/** Drops all of root's privileges but those to read the checkout, wherever it is. */
const AS_NOBODY = [
  "setpriv",
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  "--clear-groups",
  "--inh-caps=-all,+dac_override,+dac_read_search",
  "--ambient-caps=-all,+dac_override,+dac_read_search",
];

/** Starts `brood serve` and waits until it listens. */
export async function startServer(
  flags: Flags = {},
  {
    env = {},
    unprivileged = false,
    ordinary = false,
    groups,
    program = [ordinary ? executableForOrdinaryUser() : EXECUTABLE],
    mayWriteErrors = false,
    takeLog,
  }: Circumstances = {},
): Promise<Server> {
  // As TMPDIR it also marks every process that the server starts.
  const directory = makePrivateDirectory("test-server-", ordinary);
  const isRoot = process.getuid?.() === 0;
  const asNobody = unprivileged && isRoot;
  if (asNobody) chownSync(directory, NOBODY, NOBODY);

  let stdout = "";
  let unfinishedLine = "";
  let stderr = "";
  const log: Logged[] = [];
  const logByName = new Map<Name, Logged[]>();
  let stopped = false;

  const asUser = asNobody ? AS_NOBODY : ordinary ? AS_ORDINARY_USER : [];
  const withGroups = groups === undefined ? [] : ["setpriv", `--groups=${groups}`];
  const format = String(flags.log ?? "json");
  const child = Bun.spawn({
    cmd: [...asUser, ...withGroups, ...program, "serve", ...asArguments(flags)],
    cwd: ordinary ? "/" : ROOT,
    env: { ...cleanEnvironment(), TMPDIR: directory, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const read = Promise.all([
    readText(child.stdout, (text) => {
      stdout += text;
      if (format !== "json") return;
      const lines = (unfinishedLine + text).split("\n");
      unfinishedLine = lines.pop() ?? "";
      if (takeLog !== undefined && log.length > 0) stdout = unfinishedLine;
      for (const line of lines) note(JSON.parse(line) as Logged);
    }),
    readText(child.stderr, (text) => void (stderr += text)),
  ]);

  const { port, url } = await until(
    () => {
      if (child.exitCode !== null) throw new Error(`the server did not start: ${stderr}${stdout}`);
      return findAddresses(log, stdout + stderr);
    },
    () => `the server listens; it printed ${stdout}${stderr}`,
  ).catch((error: unknown) => {
    cleanUp();
    throw error;
  });

  function note(entry: Logged): void {
    // The first line says where the server listens.
    if (takeLog === undefined || log.length === 0) {
      log.push(entry);
      const named = logByName.get(entry.event);
      if (named === undefined) logByName.set(entry.event, [entry]);
      else named.push(entry);
    }
    takeLog?.(entry);
  }

  function events<N extends Name>(name: N): Logged<N>[] {
    return [...(logByName.get(name) ?? [])] as Logged<N>[];
  }

  async function exited(): Promise<number> {
    await until(() => child.exitCode !== null || child.signalCode !== null, "the master ends");
    // The children of a killed master live on and keep its output open.
    if (child.signalCode === null) await read;
    return child.exited;
  }

  async function stop(): Promise<number> {
    stopped = true;
    child.kill("SIGTERM");
    let isAlone = false;
    try {
      const exitCode = await exited();
      const killed = child.signalCode !== null;
      await until(() => processesWith("TMPDIR", directory).length === 0, leftBehind);
      isAlone = true;
      await read;
      const files = readdirSync(directory);
      // A killed master could not clean up.
      if (files.length > 0 && !killed) throw new Error(`the server left files: ${files.join(" ")}`);
      if (stderr !== "" && format === "json" && !mayWriteErrors) {
        throw new Error(`the server wrote on stderr: ${stderr}`);
      }
      return exitCode;
    } finally {
      cleanUp(isAlone);
    }
  }

  /** `isAlone`: there is no process left to end. */
  function cleanUp(isAlone = false): void {
    const left = isAlone ? [] : processesWith("TMPDIR", directory);
    for (const pid of left) process.kill(pid, "SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  }

  function leftBehind(): string {
    return `every process that the server started has ended; remaining: ${processesWith("TMPDIR", directory).join(" ")}`;
  }

  return {
    pid: child.pid,
    port,
    url,
    directory,
    log,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    event(name, condition = () => true) {
      return until(
        () => events(name).find(condition),
        () => `"${name}" is logged as expected; the log ends with\n${stdout.slice(-2000)}`,
      );
    },
    events,
    async prints(text, times = 1) {
      await until(
        () => stdout.split(text).length > times,
        () =>
          `stdout has ${JSON.stringify(text)} ${times}×; it ends with ${JSON.stringify(stdout.slice(-2000))}`,
      );
    },
    signal: (signal) => child.kill(signal),
    async limitProcesses(count) {
      const limits = readFileSync(`/proc/${child.pid}/limits`, "latin1");
      const hard = /^Max processes\s+\S+\s+(\S+)/m.exec(limits)?.[1];
      const soft = count ?? hard;
      // As the same user: in a container not even root may change the limits of other users.
      const cmd = [...asUser, "prlimit", "--pid", `${child.pid}`, `--nproc=${soft}:`];
      const { exitCode, stderr: complaint } = await run(cmd);
      if (exitCode !== 0) throw new Error(complaint);
    },
    exited,
    stop,
    async [Symbol.asyncDispose]() {
      if (stopped) return;
      try {
        const exitCode = await stop();
        if (exitCode !== 0) throw new Error(`the server ended with exit status ${exitCode}`);
      } catch (error) {
        // Thrown here, it would hide the test's own error.
        onTestFinished(() => {
          throw error;
        });
      }
    },
  };
}

/**
 * The same with `--dashboard off`, for tests of what happens without a page. It starts
 * in a third of the CPU time.
 */
export function startServerWithoutPage(
  flags: Flags = {},
  circumstances: Circumstances = {},
): Promise<Server> {
  return startServer({ dashboard: "off", ...flags }, circumstances);
}

function asArguments(flags: Flags): string[] {
  const all: Flags = { port: 0, dashboard: "127.0.0.1:0", log: "json", ...flags };
  return Object.entries(all).flatMap(([name, value]) => [
    `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
}

/** Finds where the server listens, in its first log line or its greeting. */
function findAddresses(
  log: readonly Logged[],
  announced: string,
): { port: number; url: string } | null {
  const [first] = log;
  if (first?.event === "listening") return { port: first.port, url: first.dashboard ?? "" };
  const [, port, page] = /^ {2}telnet \S+ (\d+)\n {2}(.+)\n/m.exec(announced) ?? [];
  if (port === undefined || page === undefined) return null;
  return { port: Number(port), url: page.startsWith("http") ? page : "" };
}
