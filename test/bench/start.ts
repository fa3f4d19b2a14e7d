/** Starts contestants, and waits until they serve. */
import { join } from "node:path";
import { readText, ROOT } from "../harness/run.ts";
import { type Program, startProgram } from "./program.ts";

/** Where the programs of the peers are run, so that they are named without a path. */
export const PEERS = join(import.meta.dir, "peers");

/** How long (ms) a contestant may take until it serves. */
const DEADLINE = 20_000;

/** Between two looks (ms) whether it does. */
const PAUSE = 20;

/** A contestant that serves. */
export interface Running extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Where its page is; null for one without. */
  readonly page: string | null;
}

/** Starts a program that is told its port and cannot say when it listens. */
export async function startPeer(
  name: string,
  cmd: (port: number) => readonly string[],
  signal: AbortSignal,
): Promise<Running> {
  const port = freePort();
  await using started = new AsyncDisposableStack();
  const program = started.use(startProgram(cmd(port), PEERS));
  await until(() => accepts(port), { name, program, signal });
  return running(name, program, { port, page: null }, started.move());
}

/** Starts a brood, which says on stdout where it listens. */
export async function startBrood(
  name: string,
  cmd: readonly string[],
  signal: AbortSignal,
): Promise<Running> {
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
): Running {
  return { name, pid, port, page, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function until(
  condition: () => Promise<boolean>,
  { name, program, signal }: { name: string; program: Program; signal: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + DEADLINE;
  while (!(await condition())) {
    signal.throwIfAborted();
    if (program.ended) throw new Error(`${name}: it ended before it served.`);
    if (performance.now() > deadline) {
      throw new Error(`${name}: it does not serve after ${DEADLINE / 1000} s.`);
    }
    await Bun.sleep(PAUSE);
  }
}

/** A port that was free a moment ago: few programs can say which one they took by themselves. */
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
  const yes = await connected.promise;
  if (yes) (await socket).end();
  return yes;
}
