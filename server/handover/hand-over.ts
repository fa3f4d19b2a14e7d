/**
 * The step that gives a client to its child: the kernel's own socket goes to another process, and the
 * master lets go of its copy. From then on no byte of the client passes here.
 *
 * A spare takes it if one is ready, else a process is started on it.
 */
import { closeSync } from "node:fs";
import type { Socket } from "bun";
import type { DescriptorPassing } from "../os/descriptor-passing.ts";
import { CLOSED_FD } from "../accept/accept.ts";
import type { Spare, SparePool } from "./spare-pool.ts";
import type { ChildEvents, ChildProcess, Spawner, ClientInfo } from "./spawn.ts";

export interface HandOverEvents extends ChildEvents {
  /** The spare that was to take the client has failed. False if it need not be served any more. */
  mayRestart(): boolean;
  /** Instead of that spare this process has the client. */
  restarted(process: ChildProcess): void;
  /** No process could be started instead; `exited` follows. The socket is the callee's. */
  failed(error: unknown): void;
}

/** Who has got a client. */
export interface HandedOver {
  process: ChildProcess;
  spare: boolean;
}

/** Gives a client to a child. On a throw the socket is left open and is the caller's. */
export type HandOver = (socket: Socket, visit: ClientInfo, events: HandOverEvents) => HandedOver;

/** A spare that has not taken its client after so long (ms) is stuck: it needs a tenth of one. */
const TAKE_DEADLINE = 1000;

/** With `spares` null each client gets a process started for it. */
export function createHandOver(
  spawner: Spawner,
  spares: { pool: SparePool; descriptors: DescriptorPassing } | null,
): HandOver {
  function fresh(socket: Socket, visit: ClientInfo, events: ChildEvents): ChildProcess {
    const process = spawner.child(socket, visit, events);
    socket.close();
    return process;
  }

  if (spares === null) {
    return (socket, visit, events) => ({ process: fresh(socket, visit, events), spare: false });
  }
  const { pool, descriptors } = spares;

  /** Passes the socket to `spare`; one that takes nothing ends, and the pool tells of it. */
  function pass(socket: Socket, visit: ClientInfo, spare: Spare, events: HandOverEvents): boolean {
    const passed = descriptors.pass(spare.over, socket.fd, spawner.task(visit));
    if (passed) spare.tell(taking(socket, visit, spare, events));
    else spare.process.kill("SIGKILL");
    return passed;
  }

  /**
   * What follows from what a spare does that was passed `socket`. Our copy is kept until the spare has
   * taken its own: if it does not, there still is a client to give to another. It says so on `over`
   * before it reads anything; that is looked at where no message tells as much.
   */
  function taking(
    socket: Socket,
    visit: ClientInfo,
    spare: Spare,
    events: HandOverEvents,
  ): ChildEvents {
    const late = setTimeout(() => {
      if (!hasTaken()) spare.process.kill("SIGKILL");
    }, TAKE_DEADLINE);
    let taken = false;

    function letGo(): void {
      taken = true;
      clearTimeout(late);
      closeSync(spare.over);
      socket.close();
    }

    function hasTaken(): boolean {
      if (!taken && descriptors.read(spare.over).length > 0) letGo();
      return taken;
    }

    return {
      message(message) {
        if (!taken) letGo(); // whatever it says: with its client it begins to talk
        events.message(message);
      },
      exited(exitCode, signal) {
        clearTimeout(late);
        if (hasTaken()) return events.exited(exitCode, signal);
        closeSync(spare.over);
        if (!restart(socket, visit, events)) events.exited(exitCode, signal);
      },
    };
  }

  /** Gives the client of a spare that failed to a fresh child; false if there is none. */
  function restart(socket: Socket, visit: ClientInfo, events: HandOverEvents): boolean {
    if (socket.fd === CLOSED_FD || !events.mayRestart()) {
      socket.close();
      return false;
    }
    try {
      events.restarted(fresh(socket, visit, events));
      return true;
    } catch (error) {
      events.failed(error);
      return false;
    }
  }

  return (socket, visit, events) => {
    const spare = pool.take();
    pool.clientCame();
    if (spare !== null && pass(socket, visit, spare, events)) {
      return { process: spare.process, spare: true };
    }
    return { process: fresh(socket, visit, events), spare: false };
  };
}
