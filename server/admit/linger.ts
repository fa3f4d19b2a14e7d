/**
 * Ends the connections of refused clients. A socket is read until its client closes, because
 * closing it with unread bytes would reset the connection, and the client would lose the line that
 * says why (RFC 1122 section 4.2.2.13).
 */
import type { Socket } from "bun";
import { CLOSED_FD, type RefusedSocketHandlers } from "../accept/accept.ts";

/** Time that a client has to read its line and close. */
const LINGER_TIMEOUT_MS = 2000;

/** Clients that may linger at the same time. Beyond that a reset may cost a client its line. */
const MAX_LINGERING = 200;

export interface Lingering {
  /** Sends `line` and ends the connection when the client does; takes ownership of the socket. */
  end(socket: Socket, line: string): void;
  /** For the listener that accepted the sockets. */
  readonly socketHandlers: RefusedSocketHandlers;
  /** Closes all that still linger. */
  close(): void;
}

export function createLingering(): Lingering {
  const timers = new Map<Socket, Timer>();

  return {
    end(socket, line) {
      socket.write(`${line}\r\n`);
      if (timers.size >= MAX_LINGERING) return void socket.end();
      socket.shutdown();
      socket.resume();
      if (socket.fd === CLOSED_FD) return; // its client has reset, and no `close` event will follow
      timers.set(
        socket,
        setTimeout(() => socket.end(), LINGER_TIMEOUT_MS),
      );
    },
    socketHandlers: {
      data() {},
      end(socket) {
        // Not for a socket that is on its way to a child: FIN would be
        // sent on the child's copy too.
        if (timers.has(socket)) socket.end();
      },
      close(socket) {
        clearTimeout(timers.get(socket));
        timers.delete(socket);
      },
    },
    close() {
      for (const socket of timers.keys()) socket.end();
    },
  };
}
