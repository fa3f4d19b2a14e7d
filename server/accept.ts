/** The first step of a client's way: the master's listening socket. */
import type { Socket, TCPSocketListener } from "bun";
import { refused } from "./refuse.ts";

export interface Accepted {
  socket: Socket;
  remoteAddress: string;
  remotePort: number;
}

/**
 * Listens and calls `onClient` for each client, its socket paused before a byte is read: what the
 * client sent is for its child alone. The callee owns the socket.
 * @throws an error with `code` (EADDRINUSE, EACCES …) if the address cannot be had.
 */
export function accept(
  address: { host: string; port: number },
  onClient: (client: Accepted) => void,
): TCPSocketListener<undefined> {
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
        onClient({
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
