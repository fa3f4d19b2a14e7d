/** Starts the processes that serve: for a client that is there, or ahead of one. */
import type { Socket, Subprocess } from "bun";
import type { Confinement } from "../confine/confine.ts";
import { utcOffset } from "../channel/local-time.ts";
import { readOutput } from "./output.ts";
import type { Program } from "./program.ts";
import type { Serving } from "../options/serving.ts";
import type { Task } from "../channel/task.ts";

export type ChildProcess = Subprocess & {
  /** False when its way to the master is closed; Bun's types lack it. */
  readonly connected: boolean;
};

export interface ChildEvents {
  message(message: unknown): void;
  /** The child has been reaped and everything it said was read. */
  exited(exitCode: number | null, signal: string | null): void;
}

type SpawnOptions = Bun.Spawn.SpawnOptions<
  Bun.Spawn.Writable,
  Bun.Spawn.Readable,
  Bun.Spawn.Readable
> & { cmd: string[] };

/** What a client that comes now is to get; in its child's command line for anybody to read. */
export type TaskLimits = Omit<Task, "serving" | "utcOffset" | keyof ClientIdentity>;

/** What a spare does not know before its client comes. */
type ClientIdentity = Pick<Task, "id" | "remoteAddress" | "remotePort">;

const NO_CLIENT_YET: ClientIdentity = { id: "", remoteAddress: "", remotePort: 0 };

/** One client's stay. */
export interface ClientInfo {
  /** The session. */
  id: string;
  remoteAddress: string;
  remotePort: number;
  /** Live clients of its source, itself included. */
  fromSource: number;
}

export interface Spawner {
  /**
   * Starts a child on the client's socket, which stays the caller's to close.
   * @throws what Bun.spawn throws, with `code`: EAGAIN, ENOMEM, EMFILE …
   */
  child(socket: Socket, visit: ClientInfo, events: ChildEvents): ChildProcess;
  /** Starts a spare. It takes its client over the Unix socket `over`, the caller's to close. @throws likewise */
  spare(events: ChildEvents): { process: ChildProcess; over: number };
  /** What the child of a client that is there now is told: a `Task` as JSON. */
  task(visit: ClientInfo): string;
}

/**
 * How Bun runs a child; what the user sets in the environment wins.
 *
 * By default an idle Bun wakes up to collect garbage and to give memory back: 1,500 idle children took
 * three quarters of two processors for half a minute after they had started. Garbage is collected
 * without that too, when memory is asked for.
 */
const ASLEEP_WHEN_IDLE = { BUN_GC_TIMER_DISABLE: "1", MIMALLOC_SCAVENGER: "0" };

/**
 * To set up its compiler costs a child 0.4 to 0.8 ms and 0.4 MB. These services do so little that the
 * interpreter will do: 200,000 requests a second. A spare has it: `bun:ffi` is compiled. So has the child of
 * a module, of which nobody knows what it does.
 */
const WITHOUT_JIT = { BUN_JSC_useJIT: "0" };

/** The children that are Bun's. */
export function childSpawner(
  program: Program,
  serving: Serving,
  work: () => TaskLimits,
  confinement: Confinement,
): Spawner {
  const login = serving.kind === "pty" ? confinement.login : {};
  const inherited = { ...login, ...confinement.environment };
  const isBuiltIn = serving.kind === "built-in";
  // Of a module nobody knows what it prints; the console is the server's.
  const out = serving.kind === "module" ? "pipe" : "inherit";
  const env = {
    client: { ...ASLEEP_WHEN_IDLE, ...(isBuiltIn ? WITHOUT_JIT : {}), ...inherited },
    spare: { ...ASLEEP_WHEN_IDLE, ...inherited },
  };

  function task({ id, remoteAddress, remotePort }: ClientIdentity = NO_CLIENT_YET): string {
    const task: Task = {
      serving,
      ...work(),
      id,
      remoteAddress,
      remotePort,
      utcOffset: utcOffset(),
    };
    return JSON.stringify(task);
  }

  function spawn(
    role: "client" | "spare",
    fd: number | "socket-fd",
    task: string,
    events: ChildEvents,
  ): ChildProcess {
    const end = endOnce(events, () => output?.end());
    const process = spawnConfined(
      confinement,
      {
        cmd: [...program.command(), role, task],
        env: env[role],
        stdio: ["ignore", out, out, fd, ...confinement.descriptors],
        lazy: true,
        ipc: (message) => events.message(message),
        // Bun's own form can be made to throw in the master, by a child that sends it broken.
        serialization: "json",
        onDisconnect: () => end.disconnected(),
      },
      end.exited,
    );
    const { stdout, stderr } = process;
    const streams = [stdout, stderr].filter((stream) => stream instanceof ReadableStream);
    const output = streams.length === 0 ? null : readOutput(streams, events.message);
    return process;
  }

  return {
    child: (socket, visit, events) => spawn("client", socket.fd, task(visit), events),
    spare(events) {
      const process = spawn("spare", "socket-fd", task(), events);
      return { process, over: process.stdio[3] as number };
    },
    task,
  };
}

/**
 * Starts a process that is held in as all are; `exited` is told when it has been reaped.
 * @throws what Bun.spawn throws; then there is nothing to undo.
 */
export function spawnConfined(
  { spawn, limiter, memory }: Confinement,
  { cmd, ...options }: SpawnOptions,
  exited: ChildEvents["exited"],
): ChildProcess {
  const place = memory?.place();
  try {
    const process = Bun.spawn({
      ...spawn,
      ...place?.spawn,
      ...options,
      cmd: [...limiter, ...cmd],
      // A session of its own: Ctrl-C in the master's terminal is for the master to pass on.
      detached: true,
      onExit(_, exitCode, signal) {
        place?.leave();
        exited(exitCode, signal === null ? null : `${signal}`);
      },
    }) as ChildProcess;
    place?.hold(process);
    return process;
  } catch (error) {
    place?.leave();
    throw error;
  }
}

/** Exit and the end of IPC come in either order; after both, and its `lastWords`, everything has been said. */
function endOnce(events: ChildEvents, lastWords: () => Promise<void> | undefined) {
  let exit: [number | null, string | null] | undefined;
  let disconnected = false;
  async function settle(): Promise<void> {
    if (exit === undefined || !disconnected) return;
    const last = lastWords();
    if (last !== undefined) await last; // where there are none nobody waits, not for a turn
    events.exited(...exit);
  }
  return {
    exited(exitCode: number | null, signal: string | null) {
      exit = [exitCode, signal];
      void settle();
    },
    disconnected() {
      disconnected = true;
      void settle();
    },
  };
}
