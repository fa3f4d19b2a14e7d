/** The contestants. Each is started afresh for each load. */
import { join } from "node:path";
import { ROOT } from "../harness/run.ts";
import { PEERS, type RunningContestant, startBrood, startPeer } from "./start.ts";

/** The command that is brood; BENCH_BROOD may name another, such as `bun server/main.ts`. */
const BROOD = process.env["BENCH_BROOD"]?.split(" ") ?? [join(ROOT, "dist/brood")];

/** More than any load opens: refusals are not what is measured. */
const LIMITS = ["--max-clients", "10000", "--max-per-source", "10000"];

export interface Contestant {
  readonly name: string;
  start(signal: AbortSignal): Promise<RunningContestant>;
}

/** Each client's process is started when the client arrives. */
const brood = broodContestant("brood");

/** Sixteen children are waiting for clients. */
const SPARES = ["--spares", "16"];
const broodWithSpares = broodContestant("brood --spares 16", ...SPARES);

/** The reference: the classic of this model, at its best. */
export const fork = peer("PHP pcntl_fork", (port) => ["php", "fork.php", port]);

/** A program per client: the same as tcpserver's, run as the same user. */
const programs = broodContestant(
  "brood --exec dash",
  `--exec=dash ${join(PEERS, "service.sh")}`,
  `--user=${process.getuid?.() ?? 0}`,
);

/** No process per client. */
export const floor = peer("one process (Bun)", (port) => bunFloor("time", port));

/** The contestants with a process per client. */
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

/** The contestants that echo. */
export const ECHOING: readonly Contestant[] = [
  broodContestant("brood --service echo", "--service", "echo"),
  peer("tcpserver + cat", (port) => tcpserver(port, "cat")),
  peer("socat + cat", (port) => socat(port, "cat")),
  echoFloor,
];

/** brood with a page. */
const page = ["--dashboard", "127.0.0.1:0"];
export const watchedBrood = broodContestant(broodWithSpares.name, ...SPARES, ...page);

/** brood whose processes talk to each other. */
export const chattingBrood = broodContestant("brood --service chat", "--service", "chat");

/** Starts all of them; disposing ends them. */
export async function startAll(
  contestants: readonly Contestant[],
  signal: AbortSignal,
): Promise<AsyncDisposable & { targets: RunningContestant[] }> {
  await using started = new AsyncDisposableStack();
  const targets: RunningContestant[] = [];
  for (const contestant of contestants) targets.push(started.use(await contestant.start(signal)));
  const stack = started.move();
  return { targets, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** If a flag is given twice, the later one counts. */
function broodContestant(name: string, ...flags: string[]): Contestant {
  const common = ["serve", "--port", "0", "--dashboard", "off", "--log", "json", ...LIMITS];
  return { name, start: (signal) => startBrood(name, [...BROOD, ...common, ...flags], signal) };
}

function peer(name: string, cmd: (port: string) => string[]): Contestant {
  return { name, start: (signal) => startPeer(name, (port) => cmd(`${port}`), signal) };
}

function bunFloor(service: "time" | "echo", port: string): string[] {
  return [process.execPath, "floor.ts", service, port];
}

/** No look-ups (-RHl0), and the same limits and backlog as the others. */
function tcpserver(port: string, ...program: string[]): string[] {
  const limits = ["-c", "10000", "-b", "511"];
  return ["tcpserver", "-RHl0", ...limits, "127.0.0.1", port, ...program];
}

function socat(port: string, program: string): string[] {
  const listen = `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,backlog=511`;
  return ["socat", listen, `EXEC:${program}`];
}
