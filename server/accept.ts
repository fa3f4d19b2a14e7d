/** The first step of a client's way: the master's listening socket. */
import type { Socket, TCPSocketListener } from "bun";
import { refused } from "./refuse.ts";

export interface Accepted {
  socket: Socket;
  remoteAddress: string;
  remotePort: number;
}

/** The descriptor of a socket that was closed, here: whose client reset while it waited. */
export const GONE = -1;

/**
 * Listens and calls `onClient` for each client, its socket paused before a byte is read: what the
 * client sent is for its child alone. The callee owns the socket.
 * @throws an error with `code` (EADDRINUSE, EACCES …) if the address cannot be had.
 */
export function accept(
  address: { host: string; port: number },
  onClient: (client: Accepted) => void,
): TCPSocketListener<undefined> {
  const enqueue = oneATurn((client: Accepted) => {
    if (client.socket.fd !== GONE) onClient(client);
  });
  return Bun.listen<undefined>({
    hostname: address.host,
    port: address.port,
    // Else Bun would answer a client's FIN by closing for both.
    allowHalfOpen: true,
    socket: {
      open(socket) {
        socket.pause();
        const remoteAddress = socket.remoteAddress as string | undefined;
        // Reset before it was accepted: nobody is there any more.
        if (remoteAddress === undefined) return socket.close();
        enqueue({
          socket,
          remoteAddress: remoteAddress.replace(/^::ffff:(?=\d+\.)/, ""),
          remotePort: socket.remotePort,
        });
      },
      // A client that was handed over is not ours any more: the rest is for the refused.
      ...refused,
    },
  });
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
