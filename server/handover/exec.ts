/**
 * `--exec`: the child is a program of any kind. It has the client's socket as its stdin and stdout,
 * as under inetd and tcpserver (http://cr.yp.to/ucspi-tcp/environment.html), and knows nothing of
 * brood. What it prints on stderr is logged.
 *
 * When it ends, so does whatever it has started: confine/child-users.ts.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Socket } from "bun";
import { unmapIPv4 } from "../../shared/address.ts";
import { errorCode } from "../../shared/error-code.ts";
import type { Confinement } from "../confine/confine.ts";
import type { Serving } from "../options/serving.ts";
import { UsageError } from "../options/usage-error.ts";
import type { ChildProcess } from "./child-process.ts";
import { readOutput } from "./output.ts";
import type { StartProcess } from "./processes.ts";
import { asChildProcess, spawnConfined } from "./spawn-confined.ts";
import type { ChildEvents, ClientInfo, Spawner } from "./spawn.ts";

/** How much of a file is read to see whether it is a script. */
const SCRIPT_HEAD_BYTES = 128;

/**
 * Returns the command with the full path of its program, as children find it.
 * @throws {UsageError} if there is no such program, or children may not execute it
 */
export function findProgram(
  flag: string,
  command: readonly string[],
  { cwd, users, environment, summary }: Confinement,
): string[] {
  const [name = "", ...args] = command;
  // A path is relative to where it was typed, like that of a service's module.
  const path = name.includes("/")
    ? resolve(name)
    : Bun.which(name, { PATH: environment["PATH"] ?? "" });
  if (path === null) throw new UsageError(`--${flag}: ${name}: no such program in PATH.`);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UsageError(`--${flag}: ${path}: no such program.`);
  }
  // The master may be root, for whom everything is allowed: the children's own user has to try.
  const cmd = ["/bin/sh", "-c", 'test -x "$0"', path];
  const user = users.take();
  const { success } = Bun.spawnSync({ cwd, ...user.spawn, cmd, env: environment });
  users.release(user);
  if (!success) {
    const who = summary.ownUser ? "the children's users" : summary.user;
    throw new UsageError(`--${flag}: ${path}: ${who} may not execute it.`);
  }
  return isBareScript(path) ? ["/bin/sh", path, ...args] : [path, ...args];
}

/**
 * Returns the files that a command names, its program and scripts among them. What these load in
 * turn is not known here. `cwd`: the children's directory.
 */
export function namedFiles(serving: Serving, cwd: string): string[] {
  if (serving.kind !== "exec" && serving.kind !== "pty") return [];
  return serving.command.map((word) => resolve(cwd, word.replace(/^-[^=]*=/, ""))).filter(isFile);
}

/** Also returns false for text that cannot be a path, such as a whole script. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}

/**
 * A script that names no interpreter is run by the shell, as by execvp(3). An unreadable
 * file is taken for a binary.
 */
function isBareScript(path: string): boolean {
  const head = Buffer.alloc(SCRIPT_HEAD_BYTES);
  try {
    const fd = openSync(path, "r");
    const length = readSync(fd, head);
    closeSync(fd);
    return !head.subarray(0, length).includes(0) && head.toString("latin1", 0, 2) !== "#!";
  } catch (error) {
    if (errorCode(error) === "EACCES") return false;
    throw error;
  }
}

/** Returns the spawner of programs. They have no channel, and there are no spares of them. */
export function programSpawner(
  start: StartProcess,
  command: readonly string[],
  confinement: Confinement,
): Spawner {
  function child(socket: Socket, client: ClientInfo, events: ChildEvents): ChildProcess {
    const confined = spawnConfined(confinement, start, {
      cmd: [...command],
      env: { ...confinement.environment, ...ucspiEnvironment(socket, client) },
      stdio: [socket.fd, socket.fd, "pipe"],
      client: socket,
    });
    const output = readOutput(confined.process.outputs, events.message);
    void confined.ended.then(async (exit) => {
      await output.finish();
      events.exited(...exit);
    });
    setImmediate(() => events.message({ type: "serving" }));
    return asChildProcess(confined, null);
  }

  return {
    child,
    spare() {
      throw new Error("there are no spares of a program");
    },
    task: () => "",
  };
}

/**
 * The variables in which a UCSPI server describes the client to its program, and
 * two names that others use.
 */
function ucspiEnvironment(socket: Socket, client: ClientInfo): Record<string, string> {
  return {
    PROTO: "TCP",
    TCPREMOTEIP: client.remoteAddress,
    TCPREMOTEPORT: String(client.remotePort),
    TCPLOCALIP: unmapIPv4(socket.localAddress),
    TCPLOCALPORT: String(socket.localPort),
    TCPCONNNUM: String(client.fromSource),
    REMOTE_ADDR: client.remoteAddress,
    REMOTE_PORT: String(client.remotePort),
  };
}
