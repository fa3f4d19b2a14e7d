/**
 * `--exec`: a program of any kind is the child. It has the client's socket as its stdin and stdout, as inetd and
 * tcpserver give it (http://cr.yp.to/ucspi-tcp/environment.html), and knows nothing of brood. What it says on
 * stderr stands in the log.
 *
 * When it ends, what it has started ends with its process group. Nobody but it keeps what leaves that group, as a
 * daemon does: once its parent has gone that is init's and lives on, unless the child has a cgroup.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Socket } from "bun";
import { errorCode } from "../../shared/error-code.ts";
import { unmapIPv4 } from "../../shared/address.ts";
import type { Confinement } from "../confine/confine.ts";
import { readOutput } from "./output.ts";
import {
  type ChildEvents,
  type ChildProcess,
  type Spawner,
  spawnConfined,
  type ClientInfo,
} from "./spawn.ts";
import { UsageError } from "../options/usage-error.ts";

/**
 * Gives the command with its program's whole path, as children find it.
 * @throws {UsageError} if there is none, or children cannot execute it.
 */
export function findProgram(
  flag: string,
  command: readonly string[],
  { spawn, environment, summary: told }: Confinement,
): string[] {
  const [name = "", ...args] = command;
  // A path is meant from where it was typed, as that of a service is.
  const path = name.includes("/")
    ? resolve(name)
    : Bun.which(name, { PATH: environment["PATH"] ?? "" });
  if (path === null) throw new UsageError(`--${flag}: ${name}: no such program in PATH.`);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UsageError(`--${flag}: ${path}: no such program.`);
  }
  // Root may look anywhere; whom children run as is asked itself.
  const cmd = ["/bin/sh", "-c", 'test -x "$0"', path];
  const may = Bun.spawnSync({ ...spawn, cmd, env: environment });
  if (!may.success) throw new UsageError(`--${flag}: ${path}: ${told.user} may not execute it.`);
  return isBareScript(path) ? ["/bin/sh", path, ...args] : [path, ...args];
}

/** A text that names no interpreter is the shell's, as for execvp(3). What cannot be read is no text. */
function isBareScript(path: string): boolean {
  const head = Buffer.alloc(128);
  try {
    const file = openSync(path, "r");
    const length = readSync(file, head);
    closeSync(file);
    return !head.subarray(0, length).includes(0) && head.toString("latin1", 0, 2) !== "#!";
  } catch (error) {
    if (errorCode(error) === "EACCES") return false;
    throw error;
  }
}

/** Starts programs; they have neither IPC nor spares. */
export function programSpawner(command: readonly string[], confinement: Confinement): Spawner {
  function child(socket: Socket, visit: ClientInfo, events: ChildEvents): ChildProcess {
    const process = spawnConfined(
      confinement,
      {
        cmd: [...command],
        env: { ...confinement.environment, ...ucspi(socket, visit) },
        stdio: [socket.fd, socket.fd, "pipe"],
        lazy: true, // no more is taken from stderr than is asked for
      },
      (exitCode, signal) => void output.end().then(() => events.exited(exitCode, signal)),
    );
    const output = readOutput([process.stderr as ReadableStream<Uint8Array>], events.message);
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
function ucspi(socket: Socket, visit: ClientInfo): Record<string, string> {
  return {
    PROTO: "TCP",
    TCPREMOTEIP: visit.remoteAddress,
    TCPREMOTEPORT: String(visit.remotePort),
    TCPLOCALIP: unmapIPv4(socket.localAddress),
    TCPLOCALPORT: String(socket.localPort),
    TCPCONNNUM: String(visit.fromSource),
    REMOTE_ADDR: visit.remoteAddress,
    REMOTE_PORT: String(visit.remotePort),
  };
}
