/** The first step of a client's way: the master's listening socket. */
import { closeSync, openSync } from "node:fs";
import type { Socket, SocketHandler, TCPSocketListener } from "bun";
import { unmapIPv4 } from "../../shared/address.ts";

/** The descriptor of a closed socket, here that of a client that has reset. */
export const CLOSED_FD = -1;

export interface AcceptedClient {
  socket: Socket;
  remoteAddress: string;
  remotePort: number;
}

/** What happens on a socket that stays with the master because its client was refused. */
export type RefusedSocketHandlers = Required<
  Pick<SocketHandler<undefined>, "data" | "end" | "close">
>;

export interface Listener {
  readonly port: number;
  /**
   * Accepts nobody until `resume`: clients wait in the kernel's queue. Bun can only close a listening
   * socket: it stays open through a copy of its descriptor, which `duplicate` makes.
   */
  pause(duplicate: (fd: number) => number): void;
  resume(): void;
  stop(): void;
}

/**
 * Listens and calls `onClient` for each client, its socket paused before a byte is read: what the
 * client sent is for its child alone. The callee owns the socket. Clients with a descriptor from
 * `mostDescriptors` on are given to `onExhausted` instead, at once and before the next one is accepted.
 * @throws an error with `code` (EADDRINUSE, EACCES …) if the address cannot be had.
 */
export function accept(
  address: { host: string; port: number },
  mostDescriptors: number,
  onClient: (client: AcceptedClient) => void,
  onExhausted: (client: AcceptedClient) => void,
  refused: RefusedSocketHandlers,
): Listener {
  const enqueue = oneATurn((client: AcceptedClient) => {
    if (client.socket.fd !== CLOSED_FD) onClient(client);
  });
  const handlers = {
    // Else Bun would answer a client's FIN by closing for both.
    allowHalfOpen: true,
    socket: {
      open(socket: Socket) {
        socket.pause();
        const remoteAddress = socket.remoteAddress as string | undefined;
        // Reset before it was accepted: nobody is there any more.
        if (remoteAddress === undefined) return socket.close();
        const client = {
          socket,
          remoteAddress: unmapIPv4(remoteAddress),
          remotePort: socket.remotePort,
        };
        if (socket.fd >= mostDescriptors) onExhausted(client);
        else enqueue(client);
      },
      // A client that was handed over is not ours any more: the rest is for the refused.
      ...refused,
    },
  };
  let listener: TCPSocketListener<undefined> | null = Bun.listen<undefined>({
    hostname: address.host,
    port: address.port,
    ...handlers,
  });
  let kept: number | null = null;
  // To copy a descriptor takes one more, and when a pause is needed there may be none.
  let reserve: number | null = openSync("/dev/null", "r");

  function closeReserve(): void {
    if (reserve !== null) closeSync(reserve);
    reserve = null;
  }

  return {
    port: listener.port,
    pause(duplicate) {
      if (listener === null) return;
      closeReserve();
      kept = duplicate(listener.fd);
      listener.stop(); // which gives back what the copy took
      listener = null;
    },
    resume() {
      if (kept === null) return;
      reserve ??= openSync("/dev/null", "r");
      listener = Bun.listen<undefined>({ fd: kept, ...handlers });
      kept = null; // now the listener's to close
    },
    stop() {
      closeReserve();
      listener?.stop();
      if (kept !== null) closeSync(kept);
      listener = kept = null;
    },
  };
}

/**
 * Gives a function that passes on what it is given, one in each turn of the event loop.
 *
 * Bun accepts in one turn until nobody waits any more. To start a process takes longer than it
 * takes the next client to come: on a busy machine that turn did not end, so that nothing else was
 * done, and the children that had ended stayed zombies.
 */
function oneATurn<T>(take: (one: T) => void): (one: T) => void {
  const waiting: T[] = [];
  let taken = false;
  function turn(): void {
    const one = waiting.shift();
    taken = one !== undefined;
    if (one === undefined) return;
    setImmediate(turn);
    take(one);
  }
  return (one) => {
    if (taken) return void waiting.push(one);
    taken = true;
    setImmediate(turn);
    take(one);
  };
}
