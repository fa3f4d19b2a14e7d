/** Starts a process within the limits that hold for all children, and cleans up after it. */
import { fchownSync } from "node:fs";
import type { Socket } from "bun";
import type { Signal } from "../../shared/signals.ts";
import type { Channel } from "../channel/channel.ts";
import type { ChildUser } from "../confine/child-users.ts";
import type { Confinement } from "../confine/confine.ts";
import type { MemorySlot } from "../confine/memory-limit.ts";
import type { TemporaryDirectory } from "../confine/temporary.ts";
import type { ChildProcess, Exit } from "./child-process.ts";
import type { ProcessOptions, ResourceUsage, StartedProcess, StartProcess } from "./processes.ts";

/**
 * `login`: it gets the variables of a login, too. `client`: the client's socket, which
 * it gets as one of `stdio`.
 */
type ConfinedOptions = Pick<ProcessOptions, "cmd" | "env" | "stdio"> & {
  login?: boolean;
  client?: Socket | null;
};

/** A process that was started within the limits that hold for all children. */
export interface Confined {
  process: StartedProcess;
  /** Like that of `process`; KILL also ends what would keep the process from being reaped. */
  kill: StartedProcess["kill"];
  /** The user that it was started as. */
  user: ChildUser;
  /** Null before it was reaped. */
  usage(): ResourceUsage | null;
  /** Resolves when it has been reaped, and none of the processes that it started is left. */
  ended: Promise<Exit>;
}

/**
 * Starts a process within the limits that hold for all children.
 * @throws what `start` throws, or an error with code EAGAIN if no user ID is free;
 * then there is nothing to undo
 */
export function spawnConfined(
  confinement: Confinement,
  start: StartProcess,
  { cmd, env, stdio, login: isLogin = false, client = null }: ConfinedOptions,
): Confined {
  const { cwd, users, login, limiter, memory, temporary } = confinement;
  const user = users.take();
  const ended = Promise.withResolvers<Exit>();
  let memorySlot: MemorySlot | undefined;
  let directory: TemporaryDirectory | undefined;
  let usage: ResourceUsage | null = null;
  let process: StartedProcess;
  try {
    if (client !== null) giveSocket(client, user);
    memorySlot = memory?.newSlot();
    directory = temporary?.make(user);
    process = start(
      {
        cwd,
        ...user.spawn,
        ...memorySlot?.spawn,
        stdio,
        env: {
          ...(isLogin ? login(user) : {}),
          ...env,
          ...(directory === undefined ? {} : { TMPDIR: directory.path }),
        },
        cmd: [...limiter, ...cmd],
      },
      ({ pid, exitCode, signal, ...exit }) => {
        usage = exit.usage;
        memorySlot?.release();
        users.ended(user, pid, (leftovers) => {
          ended.resolve([exitCode, signal, leftovers]);
          return directory === undefined
            ? null
            : removeDirectory(confinement, start, user, directory);
        });
      },
    );
  } catch (error) {
    memorySlot?.release();
    if (directory !== undefined) removeDirectory(confinement, start, user, directory);
    users.release(user);
    throw error;
  }
  const { pid } = process;
  const kill = (signal: Signal) => {
    const isSent = process.kill(signal);
    if (signal === "KILL" && isSent) users.killed(user, pid, () => process.isReaped);
    return isSent;
  };
  users.started(pid);
  memorySlot?.assign({ pid, kill });
  return { process, kill, user, usage: () => usage, ended: ended.promise };
}

/**
 * Makes a child's user the owner of its client's socket, as if the child had opened it. Otherwise
 * a child that reconnects it to the page (connect(2), AF_UNSPEC) would be the master's user
 * there, and so an operator.
 * @throws an error with a `code`
 */
export function giveSocket(socket: Socket, { uid, gid, spawn }: ChildUser): void {
  if (spawn.uid !== undefined && process.platform === "linux") fchownSync(socket.fd, uid, gid);
}

/** Returns null if the directory is already gone. */
function removeDirectory(
  { temporary, users, environment }: Confinement,
  start: StartProcess,
  user: ChildUser,
  directory: TemporaryDirectory,
): Promise<void> | null {
  if (temporary === null) return null;
  return temporary.remove(directory, (cmd, fd) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stdio: ProcessOptions["stdio"] = ["ignore", "ignore", "ignore", fd];
    const { pid } = start({ cmd, cwd: "/", env: environment, stdio, ...user.spawn }, (exit) => {
      users.cleaned(exit.pid);
      resolve();
    });
    users.started(pid);
    return promise;
  });
}

/** Returns a confined process as a child that is reached over `channel`; null for a program. */
export function asChildProcess(
  { process, kill, user, usage }: Confined,
  channel: Channel | null,
): ChildProcess {
  return {
    pid: process.pid,
    user,
    channel,
    get isReaped() {
      return process.isReaped;
    },
    kill,
    usage,
  };
}
