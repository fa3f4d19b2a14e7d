/**
 * Gives a client to its child: the kernel's own socket goes to another process, and the master
 * closes its copy. From then on no byte of the client passes through the master.
 *
 * A ready spare takes the client; if there is none, a process is started for it.
 */
import { closeSync } from "node:fs";
import type { Socket } from "bun";
import { CLOSED_FD } from "../accept/accept.ts";
import type { DescriptorPassing } from "../os/descriptor-passing.ts";
import type { ChildProcess } from "./child-process.ts";
import type { Spare } from "./spare.ts";
import type { SparePool } from "./spare-pool.ts";
import { giveSocket } from "./spawn-confined.ts";
import type { ChildEvents, ClientInfo, Spawner } from "./spawn.ts";

export interface HandOverEvents extends ChildEvents {
  /**
   * Called when a spare ended without taking its client. Returns false if no other process is to
   * serve the client.
   */
  mayRestart(): boolean;
  /** `process` has taken the client in place of that spare. */
  restarted(process: ChildProcess): void;
  /**
   * No process could be started in place of that spare; `exited` follows.
   * The callee owns the socket.
   */
  failed(error: unknown): void;
}

/** The process that has the client now. */
export interface HandedOver {
  process: ChildProcess;
  /** True if it is a spare, which has yet to take the client. */
  spare: boolean;
}

/**
 * Gives a client to a child. Takes ownership of `socket`, and closes the master's copy
 * when the child has its own.
 * @throws what `Spawner.child` throws; then the socket is open and still the caller's
 */
export type HandOver = (socket: Socket, client: ClientInfo, events: HandOverEvents) => HandedOver;

/**
 * A spare that has not taken its client after this long is stuck: it needs a tenth of a
 * millisecond.
 */
const TAKE_SOCKET_TIMEOUT_MS = 1000;

/** With `spares` null a process is started for each client. */
export function createHandOver(
  spawner: Spawner,
  spares: { pool: SparePool; descriptors: DescriptorPassing } | null,
): HandOver {
  function spawn(socket: Socket, client: ClientInfo, events: ChildEvents): ChildProcess {
    const process = spawner.child(socket, client, events);
    socket.close();
    return process;
  }

  if (spares === null) {
    return (socket, client, events) => ({ process: spawn(socket, client, events), spare: false });
  }
  const { pool, descriptors } = spares;

  /**
   * Starts a process for a client that its spare has not taken. Takes ownership of `socket`.
   * @returns false if none was started
   */
  function restart(socket: Socket, client: ClientInfo, events: HandOverEvents): boolean {
    if (socket.fd === CLOSED_FD || !events.mayRestart()) {
      socket.close();
      return false;
    }
    try {
      events.restarted(spawn(socket, client, events));
      return true;
    } catch (error) {
      events.failed(error);
      return false;
    }
  }

  return (socket, client, events) => {
    const spare = pool.take();
    pool.onAccepted();
    if (spare !== null) {
      try {
        giveSocket(socket, spare.process.user);
      } catch (error) {
        spare.process.kill("KILL"); // the pool logs its end
        throw error;
      }
      if (descriptors.pass(spare.handOverFd, socket.fd, spawner.task(client))) {
        const replace = () => restart(socket, client, events);
        spare.release(watchTransfer(spare, socket, descriptors, events, replace));
        return { process: spare.process, spare: true };
      }
      spare.process.kill("KILL"); // it takes nothing; the pool logs its end
    }
    return { process: spawn(socket, client, events), spare: false };
  };
}

/**
 * Waits for a spare to take the `socket` that was passed to it. The master's copy stays open
 * until then: if the spare fails, there still is a client to give to another process. The spare
 * confirms on `handOverFd` before it reads a byte of the client's; the master reads that where no
 * message of the spare implies it.
 *
 * Takes ownership of `socket` and of the spare's `handOverFd`. `replace` gets the socket of a spare
 * that ended without taking it, and returns false if no other process has it.
 * @returns what to do with the spare's events
 */
function watchTransfer(
  spare: Spare,
  socket: Socket,
  descriptors: DescriptorPassing,
  events: ChildEvents,
  replace: () => boolean,
): ChildEvents {
  let state: "passed" | "taken" = "passed";
  let timeout: Timer | undefined;

  function onTaken(): void {
    state = "taken";
    clearTimeout(timeout);
    closeSync(spare.handOverFd);
    socket.close();
  }

  function isTaken(): boolean {
    if (state === "passed" && descriptors.read(spare.handOverFd).length > 0) onTaken();
    return state === "taken";
  }

  timeout = setTimeout(() => {
    if (!isTaken()) spare.process.kill("KILL");
  }, TAKE_SOCKET_TIMEOUT_MS);

  return {
    message(message) {
      if (state === "passed") onTaken(); // whatever it sends: it sends nothing before it has its client
      events.message(message);
    },
    misbehaved: events.misbehaved,
    exited(...exit) {
      clearTimeout(timeout);
      if (isTaken()) return events.exited(...exit);
      closeSync(spare.handOverFd);
      if (!replace()) events.exited(...exit);
    },
  };
}
