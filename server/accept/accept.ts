/** The first step of a client's path: the master's listening socket. */
import { closeSync, openSync } from "node:fs";
import type { Socket, SocketHandler, TCPSocketListener } from "bun";
import { unmapIPv4 } from "../../shared/address.ts";
import { onePerTurn } from "./one-per-turn.ts";

/** The descriptor of a closed socket; here, of one whose client has reset the connection. */
export const CLOSED_FD = -1;

export interface AcceptedClient {
  socket: Socket;
  remoteAddress: string;
  remotePort: number;
}

/** Events of the sockets that stay with the master, because their clients were refused. */
export type RefusedSocketHandlers = Required<
  Pick<SocketHandler<undefined>, "data" | "end" | "close">
>;

export interface AcceptOptions {
  host: string;
  port: number;
  /** Clients whose descriptor is this or higher go to `onExhausted`. */
  firstReservedDescriptor: number;
  /** Takes ownership of the socket of an accepted client. One client per turn of the event loop. */
  onClient(client: AcceptedClient): void;
  /** Takes ownership of the socket. Called right away, before the next client is accepted. */
  onExhausted(client: AcceptedClient): void;
  refused: RefusedSocketHandlers;
  /** Copies a descriptor, which pausing needs; null if this machine cannot. */
  duplicate: ((fd: number) => number) | null;
}

export interface Listener {
  readonly port: number;
  /**
   * Stops accepting until `resume`; clients wait in the kernel's queue. Bun can only close a
   * listening socket, so a copy of its descriptor keeps it open.
   * @throws if there is no such copy; then the listener still accepts.
   */
  pause(): void;
  /** @throws if Bun cannot listen on the copy; then the listener stays paused. */
  resume(): void;
  stop(): void;
}

type ListenerState =
  | { name: "accepting"; listener: TCPSocketListener<undefined> }
  | { name: "paused"; fd: number }
  | { name: "stopped" };

/**
 * Listens, and pauses each client's socket before a byte is read: what the
 * client sends is for its child.
 * @throws an error with `code` (EADDRINUSE, EACCES …) if it cannot listen on the address.
 */
export function accept({ host, port, refused, ...options }: AcceptOptions): Listener {
  const enqueue = onePerTurn((client: AcceptedClient) => {
    if (client.socket.fd !== CLOSED_FD) options.onClient(client);
  });

  function open(socket: Socket): void {
    socket.pause();
    const remoteAddress = socket.remoteAddress as string | undefined;
    // The client reset the connection before it was accepted.
    if (remoteAddress === undefined) return socket.close();
    const { remotePort } = socket;
    const client = { socket, remoteAddress: unmapIPv4(remoteAddress), remotePort };
    if (socket.fd >= options.firstReservedDescriptor) options.onExhausted(client);
    else enqueue(client);
  }

  const handlers = {
    // Otherwise Bun answers a client's FIN by closing both directions.
    allowHalfOpen: true,
    // After the hand-over the socket is no longer ours: what remains are events of refused clients.
    socket: { open, ...refused },
  };
  const listener = Bun.listen<undefined>({ hostname: host, port, ...handlers });
  let state: ListenerState = { name: "accepting", listener };
  // Duplicating a descriptor takes one more, and when a pause is needed there may be none left.
  let reserve: number | null = openSync("/dev/null", "r");

  function closeReserve(): void {
    if (reserve !== null) closeSync(reserve);
    reserve = null;
  }

  return {
    port: listener.port,
    pause() {
      if (state.name !== "accepting") return;
      if (options.duplicate === null) throw new Error("no C library");
      closeReserve();
      const fd = options.duplicate(state.listener.fd);
      state.listener.stop(); // which frees the descriptor that the copy took
      state = { name: "paused", fd };
    },
    resume() {
      if (state.name !== "paused") return;
      reserve ??= openSync("/dev/null", "r");
      // From here on the new listener closes the copy.
      state = { name: "accepting", listener: Bun.listen({ fd: state.fd, ...handlers }) };
    },
    stop() {
      closeReserve();
      if (state.name === "accepting") state.listener.stop();
      if (state.name === "paused") closeSync(state.fd);
      state = { name: "stopped" };
    },
  };
}
