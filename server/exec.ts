/**
 * `--exec`: a program of any kind is the child. It has the client's socket as its stdin and stdout, as inetd and
 * tcpserver give it (http://cr.yp.to/ucspi-tcp/environment.html), and knows nothing of brood.
 */
import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import type { Socket } from "bun";
import type { Confinement } from "./confine.ts";
import type { ChildEvents, ChildProcess, Spawner, Visit } from "./spawn.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Gives the command with its program's whole path, as children find it.
 * @throws {UsageError} if there is none, or it cannot be executed.
 */
export function findProgram(
  flag: string,
  command: readonly string[],
  { spawn, environment }: Confinement,
): string[] {
  const [name = "", ...args] = command;
  const path = name.includes("/")
    ? resolve(spawn.cwd, name)
    : Bun.which(name, { PATH: environment["PATH"] ?? "", cwd: spawn.cwd });
  if (path === null) throw new UsageError(`--${flag}: ${name}: no such program in PATH.`);
  try {
    accessSync(path, constants.X_OK);
  } catch (cause) {
    throw new UsageError(`--${flag}: ${path}: no such program, or none to execute.`, { cause });
  }
  return [path, ...args];
}

/** Starts programs; they have neither IPC nor spares. */
export function programSpawner(command: readonly string[], confinement: Confinement): Spawner {
  function child(socket: Socket, visit: Visit, events: ChildEvents): ChildProcess {
    const process = Bun.spawn({
      ...confinement.spawn,
      cmd: [...confinement.limiter, ...command],
      env: { ...confinement.environment, ...ucspi(socket, visit) },
      stdio: [socket.fd, socket.fd, "inherit"],
      detached: true,
      onExit: (_, exitCode, signal) =>
        events.exited(exitCode, signal === null ? null : `${signal}`),
    }) as unknown as ChildProcess;
    setImmediate(() => events.message({ type: "serving" }));
    return process;
  }

  return {
    child,
    spare() {
      throw new Error("a program has no spares");
    },
    task: () => "",
  };
}

/** What a UCSPI server tells a program of its client, and two names that others use. */
function ucspi(socket: Socket, visit: Visit): Record<string, string> {
  return {
    PROTO: "TCP",
    TCPREMOTEIP: visit.remoteAddress,
    TCPREMOTEPORT: String(visit.remotePort),
    TCPLOCALIP: socket.localAddress,
    TCPLOCALPORT: String(socket.localPort),
    TCPCONNNUM: String(visit.fromSource),
    REMOTE_ADDR: visit.remoteAddress,
    REMOTE_PORT: String(visit.remotePort),
  };
}
