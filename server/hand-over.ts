/**
 * The step that gives a client to its child: the kernel's own socket becomes descriptor 3 of a new
 * process, and the master lets go of its copy. From then on no byte of the client passes here.
 */
import { lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Socket, Subprocess } from "bun";

/** The name of every process of ours, as the tutorial's `pstree` shows it. */
export const PROCESS_NAME = "server";

export type ChildProcess = Subprocess<"ignore", "inherit", "inherit">;

export interface ChildEvents {
  message(message: unknown): void;
  /** The child has been reaped and everything it said was read. */
  exited(exitCode: number | null, signal: string | null): void;
}

export interface Spawner {
  /**
   * Starts a child on `socket` and closes the master's copy. On failure the socket is left open,
   * for the line that tells the client, and is the caller's.
   * @throws what Bun.spawn throws, with `code`: EAGAIN, ENOMEM, EMFILE …
   */
  handOver(socket: Socket, events: ChildEvents): ChildProcess;
  /** Removes what `spawner` made on disk. */
  close(): void;
}

/** Prepares for spawning children that speak with `args`. */
export function spawner(args: readonly string[]): Spawner {
  const env = childEnvironment(process.env);
  let program: NamedProgram | undefined;

  /** What cleans up /tmp may take a link that is weeks old; then there is a new one. */
  function path(): string {
    if (program === undefined || !isLink(program.path)) {
      program?.remove();
      program = namedProgram();
    }
    return program.path;
  }

  function spawn(socket: Socket, events: ChildEvents): ChildProcess {
    const end = endOnce(events);
    return Bun.spawn({
      cmd: [path(), join(import.meta.dir, "child.ts"), ...args],
      env,
      stdio: ["ignore", "inherit", "inherit", socket.fd],
      // A session of its own: Ctrl-C in the master's terminal is for the master to pass on.
      detached: true,
      ipc: (message) => events.message(message),
      onExit: (_, exitCode, signal) => end.exited(exitCode, signal === null ? null : `${signal}`),
      onDisconnect: () => end.disconnected(),
    }) as ChildProcess;
  }

  return {
    handOver(socket, events) {
      const child = spawn(socket, events);
      socket.close();
      return child;
    },
    close: () => program?.remove(),
  };
}

interface NamedProgram {
  path: string;
  remove(): void;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * A path to this very program that ends in `server`: the kernel names a process after the path it
 * was started by. `process.title` would not do, it leaves `comm`, which pstree reads, as it was.
 */
function namedProgram(): NamedProgram {
  const directory = mkdtempSync(join(tmpdir(), "brood-"));
  const path = join(directory, PROCESS_NAME);
  symlinkSync(process.execPath, path);
  return { path, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Exit and the end of IPC come in either order; only after both has everything been said. */
function endOnce(events: ChildEvents) {
  let exit: [number | null, string | null] | undefined;
  let disconnected = false;
  const settle = () => {
    if (exit !== undefined && disconnected) events.exited(...exit);
  };
  return {
    exited(exitCode: number | null, signal: string | null) {
      exit = [exitCode, signal];
      settle();
    },
    disconnected() {
      disconnected = true;
      settle();
    },
  };
}

/** The master's environment without its own options, the page's password among them. */
function childEnvironment(environment: Record<string, string | undefined>) {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith("BROOD_")),
  );
}

/** Gives this process the name that `pstree` shows. Linux alone keeps it there. */
export function nameThisProcess(): void {
  if (process.platform === "linux") writeFileSync("/proc/self/comm", PROCESS_NAME);
}
