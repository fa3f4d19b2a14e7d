/** The connection as the service uses it. */
import type { LeaveReason } from "../channel/messages.ts";
import type { Reporter } from "../channel/report.ts";
import type { ClientSocket } from "./client-socket.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Connection } from "./services/byte-service.ts";

export interface ServedConnection extends Connection {
  /** `lastReply` is still sent. */
  finish(reason: LeaveReason, lastReply?: Buffer): void;
}

const NOTHING: Buffer = Buffer.alloc(0);

export function createConnection(
  socket: ClientSocket,
  lifecycle: Lifecycle,
  report: Reporter,
): ServedConnection {
  return {
    send(bytes) {
      if (!lifecycle.isOpen) return;
      socket.send(bytes);
      report.sent(bytes.length);
    },
    get isBehind() {
      return socket.isBehind;
    },
    drained: socket.whenDrained,
    finish(reason, lastReply = NOTHING) {
      if (!lifecycle.isOpen) return;
      lifecycle.announce();
      lifecycle.finish(reason);
      report.sent(lastReply.length);
      socket.send(lastReply);
    },
    pause() {
      if (lifecycle.isOpen) socket.pause();
    },
    resume() {
      if (lifecycle.isOpen) socket.resume();
    },
    onEnding: lifecycle.onEnding,
  };
}
