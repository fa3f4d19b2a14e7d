/** Where a client's way ends early: one line that says why, and a clean end, without a process. */
import type { Socket } from "bun";
import { CLOSED_FD, type RefusedSocketHandlers } from "../accept/accept.ts";

/** How long (ms) a refused client may take to read its line and close. */
const LINGER = 2000;

/** Refused clients that are waited for at once; beyond, the line may be lost to a reset. */
const MOST_LINGERING = 200;

const lingering = new Map<Socket, Timer>();

/**
 * Sends `line`, if there is one, and ends the connection. Takes the socket. It is read until the client
 * closes, because closing with bytes unread would reset the connection and lose the line.
 */
export function refuse(socket: Socket, line: string | null): void {
  if (line === null) return void socket.end();
  socket.write(`${line}\r\n`);
  if (lingering.size >= MOST_LINGERING) return void socket.end();
  socket.shutdown();
  socket.resume();
  if (socket.fd === CLOSED_FD) return; // its client has reset: no `close` follows that would let it go
  lingering.set(
    socket,
    setTimeout(() => socket.end(), LINGER),
  );
}

/** Sends `line` and closes at once, though the line may be lost: its descriptor is needed. */
export function refuseAndClose(socket: Socket, line: string | null): void {
  if (line !== null) socket.write(`${line}\r\n`);
  socket.end();
}

/** Waits for no refused client any more. */
export function closeRefused(): void {
  for (const socket of lingering.keys()) socket.end();
}

/** What the master does with a refused client's socket: reads and drops, and lets it go. */
export const refusedSocketHandlers: RefusedSocketHandlers = {
  data() {},
  end(socket: Socket) {
    // Not where the client is on its way to a child: the end would be sent for both.
    if (lingering.has(socket)) socket.end();
  },
  close(socket: Socket) {
    clearTimeout(lingering.get(socket));
    lingering.delete(socket);
  },
};
