/** Starts contestants and waits until they serve. */
import { join } from "node:path";
import { readText, ROOT } from "../harness/run.ts";
import { type Program, startProgram } from "./program.ts";

/** The working directory of the peers, so that their programs need no path. */
export const PEERS = join(import.meta.dir, "peers");

/** How long a contestant may take to start serving. */
const START_TIMEOUT_MS = 20_000;

const POLL_INTERVAL_MS = 20;

/** A contestant that serves. */
export interface RunningContestant extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** The page's address; null for a contestant without a page. */
  readonly page: string | null;
}

/** Starts a program that takes its port as an argument and cannot report when it listens. */
export async function startPeer(
  name: string,
  cmd: (port: number) => readonly string[],
  signal: AbortSignal,
): Promise<RunningContestant> {
  const port = freePort();
  await using started = new AsyncDisposableStack();
  const program = started.use(startProgram(cmd(port), PEERS));
  await until(() => accepts(port), { name, program, signal });
  return running(name, program, { port, page: null }, started.move());
}

/** Starts brood, which reports on stdout where it listens. */
export async function startBrood(
  name: string,
  cmd: readonly string[],
  signal: AbortSignal,
): Promise<RunningContestant> {
  await using started = new AsyncDisposableStack();
  const program = started.use(startProgram(cmd, ROOT));
  let log: string | null = "";
  void readText(program.stdout, (text) => {
    if (log !== null) log += text;
  });
  await until(async () => log?.includes("\n") === true, { name, program, signal });
  const { port, dashboard } = JSON.parse(log.split("\n", 1)[0] ?? "") as Listening;
  log = null;
  return running(name, program, { port, page: dashboard }, started.move());
}

/** Brood's first line with `--log json`. */
interface Listening {
  port: number;
  dashboard: string | null;
}

function running(
  name: string,
  { pid }: Program,
  { port, page }: { port: number; page: string | null },
  stack: AsyncDisposableStack,
): RunningContestant {
  return { name, pid, port, page, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function until(
  condition: () => Promise<boolean>,
  { name, program, signal }: { name: string; program: Program; signal: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await condition())) {
    signal.throwIfAborted();
    if (program.ended) throw new Error(`${name} exited before it served.`);
    if (performance.now() > deadline) {
      throw new Error(`${name} did not serve within ${START_TIMEOUT_MS / 1000} s.`);
    }
    await Bun.sleep(POLL_INTERVAL_MS);
  }
}

/**
 * Returns a port that was free a moment ago: few programs can report a port they chose themselves.
 */
function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}

async function accepts(port: number): Promise<boolean> {
  const connected = Promise.withResolvers<boolean>();
  const socket = Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: () => connected.resolve(true),
      data() {},
      connectError: () => connected.resolve(false),
    },
  });
  const isListening = await connected.promise;
  if (isListening) (await socket).end();
  return isListening;
}
