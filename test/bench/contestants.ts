/** Who is measured. Each is started anew for each load. */
import { join } from "node:path";
import { ROOT } from "../harness/run.ts";
import { PEERS, type Running, startBrood, startPeer } from "./start.ts";

/** What brood is run as; the environment may name another command, such as `bun server/main.ts`. */
const BROOD = process.env["BENCH_BROOD"]?.split(" ") ?? [join(ROOT, "dist/brood")];

/** More than any load opens: what is measured is not how clients are refused. */
const LIMITS = ["--max-clients", "10000", "--max-per-source", "10000"];

export interface Contestant {
  readonly name: string;
  start(signal: AbortSignal): Promise<Running>;
}

/** The process of each client is made when the client comes. */
const brood = theBrood("brood");

/** Sixteen children wait for clients. */
const SPARES = ["--spares", "16"];
const broodWithSpares = theBrood("brood --spares 16", ...SPARES);

/** What the others are compared with: the model's classic, at its best. */
export const fork = peer("PHP pcntl_fork", (port) => ["php", "fork.php", port]);

/** A program per client, the same as tcpserver's, and as the same user. */
const programs = theBrood(
  "brood --exec dash",
  `--exec=dash ${join(PEERS, "service.sh")}`,
  `--user=${process.getuid?.() ?? 0}`,
);

/** No process per client. */
export const floor = peer("one process (Bun)", (port) => bunFloor("time", port));

/** Those that have a process for each client. */
export const FORKING: readonly Contestant[] = [
  broodWithSpares,
  brood,
  programs,
  fork,
  peer("Python ForkingTCPServer", (port) => ["python3", "forking.py", port]),
  peer("tcpserver + dash", (port) => tcpserver(port, "dash", "service.sh")),
  peer("socat + dash", (port) => socat(port, "dash service.sh")),
  peer("Node child_process.fork", (port) => ["node", "node-master.mjs", port]),
];

export const ALL: readonly Contestant[] = [...FORKING, floor];

export const echoFloor = peer(floor.name, (port) => bunFloor("echo", port));

/** Those that send back what comes. */
export const ECHOING: readonly Contestant[] = [
  theBrood("brood --service echo", "--service", "echo"),
  peer("tcpserver + cat", (port) => tcpserver(port, "cat")),
  peer("socat + cat", (port) => socat(port, "cat")),
  echoFloor,
];

/** A brood with a page to look at. */
const page = ["--dashboard", "127.0.0.1:0"];
export const watchedBrood = theBrood(broodWithSpares.name, ...SPARES, ...page);

/** The one whose processes talk. */
export const chattingBrood = theBrood("brood --service chat", "--service", "chat");

/** Starts all of them; the end of the scope ends all. */
export async function startAll(
  contestants: readonly Contestant[],
  signal: AbortSignal,
): Promise<AsyncDisposable & { targets: Running[] }> {
  await using started = new AsyncDisposableStack();
  const targets: Running[] = [];
  for (const contestant of contestants) targets.push(started.use(await contestant.start(signal)));
  const stack = started.move();
  return { targets, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Of two flags the later one counts. */
function theBrood(name: string, ...flags: string[]): Contestant {
  const always = ["serve", "--port", "0", "--dashboard", "off", "--log", "json", ...LIMITS];
  return { name, start: (signal) => startBrood(name, [...BROOD, ...always, ...flags], signal) };
}

function peer(name: string, cmd: (port: string) => string[]): Contestant {
  return { name, start: (signal) => startPeer(name, (port) => cmd(`${port}`), signal) };
}

function bunFloor(service: "time" | "echo", port: string): string[] {
  return [process.execPath, "floor.ts", service, port];
}

/** No look-ups (-RHl0), as many clients and as long a queue as the others. */
function tcpserver(port: string, ...program: string[]): string[] {
  const limits = ["-c", "10000", "-b", "511"];
  return ["tcpserver", "-RHl0", ...limits, "127.0.0.1", port, ...program];
}

function socat(port: string, program: string): string[] {
  const listen = `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,backlog=511`;
  return ["socat", listen, `EXEC:${program}`];
}
