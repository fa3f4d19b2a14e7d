/**
 * Starts the processes that serve clients: one for a client that has come, or a spare in advance.
 */
import { closeSync } from "node:fs";
import type { Socket } from "bun";
import { type Channel, type ChannelEvents, openChannel } from "../channel/channel.ts";
import { utcOffset } from "../channel/local-time.ts";
import type { Task } from "../channel/task.ts";
import type { Confinement } from "../confine/confine.ts";
import type { Serving } from "../options/serving.ts";
import type { ChildProcess, Exit } from "./child-process.ts";
import { readOutput } from "./output.ts";
import type { StartProcess } from "./processes.ts";
import type { Program } from "./program.ts";
import { asChildProcess, type Confined, spawnConfined } from "./spawn-confined.ts";

/** What arrives over the channel may be anything, if the child was taken over. */
export interface ChildEvents extends ChannelEvents {
  /**
   * The child has been reaped, everything it sent or printed has been read, and none of the
   * processes that it started is left.
   */
  exited(...exit: Exit): void;
}

/**
 * The limits of a client that is accepted now. They are on its child's command
 * line, which any user can read.
 */
export type TaskLimits = Omit<Task, "serving" | "utcOffset" | keyof ClientIdentity>;

/** What a spare does not know before it gets its client. */
type ClientIdentity = Pick<Task, "id" | "remoteAddress" | "remotePort">;

const NO_CLIENT_YET: ClientIdentity = { id: "", remoteAddress: "", remotePort: 0 };

/** What a child gets to know about its client. */
export interface ClientInfo {
  /** The session's ID. */
  id: string;
  remoteAddress: string;
  remotePort: number;
  /** Live clients of the same source, including this one. */
  fromSource: number;
}

export interface Spawner {
  /**
   * Starts a child that gets a copy of the client's socket. The caller
   * keeps `socket`, and closes it.
   * @throws what Bun.spawn throws, with a `code`: EAGAIN, ENOMEM, EMFILE …
   */
  child(socket: Socket, client: ClientInfo, events: ChildEvents): ChildProcess;
  /**
   * Starts a spare. It takes its client over the Unix socket `handOverFd`, which the caller owns.
   * @throws what Bun.spawn throws
   */
  spare(events: ChildEvents): { process: ChildProcess; handOverFd: number };
  /** Returns the `Task` of a client that is accepted now, as JSON. */
  task(client: ClientInfo): string;
}

/**
 * Keeps an idle child asleep; what the user sets in the environment takes precedence.
 *
 * By default an idle Bun wakes up to collect garbage and to give memory back: 1,500 idle children
 * used three quarters of two processors for half a minute after they had started. Garbage is still
 * collected when memory is asked for.
 */
const IDLE_SETTINGS = { BUN_GC_TIMER_DISABLE: "1", MIMALLOC_SCAVENGER: "0" };

/**
 * Setting up the JIT compiler costs a child 0.4 to 0.8 ms and 0.4 MB, and the built-in services do
 * so little that the interpreter is enough for 200,000 requests a second. A spare needs it, because
 * `bun:ffi` is compiled, and so may the child of a module.
 */
const NO_JIT = { BUN_JSC_useJIT: "0" };

/**
 * Otherwise JavaScriptCore fills blocks of a larger heap in advance, in a
 * thread: 0.5 MB in a spare.
 */
const NO_WARM_UP = { BUN_JSC_useWarmUpMarkedBlocks: "0" };

/** Returns the spawner of children that run Bun. `limits` returns those in force now. */
export function childSpawner(
  start: StartProcess,
  program: Program,
  serving: Serving,
  limits: () => TaskLimits,
  confinement: Confinement,
): Spawner {
  const env = childEnvironments(serving, confinement);
  // The console is the server's. A module may print anything; other children
  // report what they have to say.
  const output = serving.kind === "module" ? "pipe" : "ignore";

  function task({ id, remoteAddress, remotePort }: ClientIdentity = NO_CLIENT_YET): string {
    const client = { id, remoteAddress, remotePort };
    const task: Task = { serving, ...limits(), ...client, utcOffset: utcOffset() };
    return JSON.stringify(task);
  }

  /** `client`: null for a spare, which gets a socket to receive its client over. */
  function spawn(
    role: "client" | "spare",
    client: Socket | null,
    task: string,
    events: ChildEvents,
  ) {
    const fd = client?.fd ?? "socket-fd";
    const confined = spawnConfined(confinement, start, {
      cmd: [...program.command(role), role, task],
      env: env[role],
      login: serving.kind === "pty",
      client,
      stdio: ["ignore", output, output, fd, "socket-fd", ...confinement.descriptors],
    });
    const { process } = confined;
    const [channelFd = -1, handOverFd = null] = process.sockets.toReversed();
    const channel = openChannelOf(confined, channelFd, handOverFd, events);
    const printed = process.outputs.length > 0 ? readOutput(process.outputs, events.message) : null;
    void confined.ended.then(async (exit) => {
      await Promise.all([channel.finish(), printed?.finish()]);
      events.exited(...exit);
    });
    return { process: asChildProcess(confined, channel), handOverFd };
  }

  return {
    child: (socket, client, events) => spawn("client", socket, task(client), events).process,
    spare(events) {
      const { process, handOverFd } = spawn("spare", null, task(), events);
      return { process, handOverFd: handOverFd as number };
    },
    task,
  };
}

/**
 * @throws if the channel cannot be opened; then the child is killed, and a
 * spare's `handOverFd` is closed
 */
function openChannelOf(
  { kill }: Confined,
  fd: number,
  handOverFd: number | null,
  events: ChildEvents,
): Channel {
  try {
    return openChannel(fd, events);
  } catch (error) {
    kill("KILL");
    if (handOverFd !== null) closeSync(handOverFd);
    throw error;
  }
}

/** Returns the environment of a child that is started for its client, and that of a spare. */
function childEnvironments(serving: Serving, confinement: Confinement) {
  const inherited = confinement.environment;
  const jit = serving.kind === "built-in" ? NO_JIT : {};
  return {
    client: { ...IDLE_SETTINGS, ...NO_WARM_UP, ...jit, ...inherited },
    spare: { ...IDLE_SETTINGS, ...NO_WARM_UP, ...inherited },
  };
}
