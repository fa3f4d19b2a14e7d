/**
 * A child's whole work: serves one client and reports to the master what happens, in few messages.
 *
 * Each client pays for every import here, so there are few.
 */
import type { LeaveReason } from "../channel/messages.ts";
import type { Reporter } from "../channel/report.ts";
import type { Task } from "../channel/task.ts";
import { createClientSocket } from "./client-socket.ts";
import { createConnection } from "./connection.ts";
import { createLifecycle } from "./lifecycle.ts";
import type { ByteService, Connection } from "./services/byte-service.ts";

/** Reads and writes before Bun has the socket. */
export interface FirstExchange {
  /** Returns what was received; empty if nothing was. */
  read(): Buffer;
  /** Returns how many bytes of the reply could be sent. */
  write(reply: Buffer): number;
}

/** After a silence of this length a request without a line ending is complete. */
const SILENCE_MS = 250;

/** A child reports that it has its client after this time, unless a request comes first. */
const ANNOUNCE_DELAY_MS = 1;

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Serves the client at the other end of `fd`, of which it takes ownership, with the service that
 * `start` returns. Calls `onClosed` when the session is over.
 */
export function serveClient(
  fd: number,
  task: Task,
  start: (connection: Connection) => ByteService,
  report: Reporter,
  onClosed: (reason: LeaveReason) => void,
  first: FirstExchange | null = null,
): void {
  const socket = createClientSocket();
  const lifecycle = createLifecycle(socket, task, report, onClosed);
  const connection = createConnection(socket, lifecycle, report);
  const service = start(connection);

  const firstRequest = first?.read() ?? NOTHING;
  const firstReply = firstRequest.length > 0 ? service.receive(firstRequest) : NOTHING;
  const firstSent = first?.write(firstReply) ?? 0;

  /** Does what the client need not wait for, if its first request was answered already. */
  function open(): void {
    if (firstRequest.length > 0) {
      socket.send(firstReply.subarray(firstSent));
      report.received(firstRequest.length);
      afterReply(firstReply.length);
    } else if (service.open === undefined) {
      lifecycle.wait("announce", ANNOUNCE_DELAY_MS, lifecycle.announce);
    } else {
      lifecycle.announce();
      service.open();
    }
  }

  function receive(bytes: Buffer): void {
    if (!lifecycle.isOpen) return;
    lifecycle.received();
    report.received(bytes.length);
    const reply = service.receive(bytes);
    socket.send(reply);
    afterReply(reply.length);
  }

  /** Does everything that can wait until the reply is on its way. */
  function afterReply(sentBytes: number): void {
    lifecycle.answered();
    report.sent(sentBytes);
    if (service.quitting === "done") quit();
    else if (service.quitting === "line ending") {
      lifecycle.wait("line ending", service.lineEndingTimeoutMs ?? 0, quit);
    } else if (service.awaitsSilence) lifecycle.wait("silence", SILENCE_MS, silence);
  }

  function quit(): void {
    connection.finish("quit");
  }

  /** A bare request that is no command is complete only now, and reported now. */
  function silence(): void {
    service.silence?.();
    report.sent(0);
  }

  function end(): void {
    if (!lifecycle.isOpen) return lifecycle.clientEnded();
    const lastReply = service.end();
    const hasQuit = service.quitting === "line ending" || service.quitting === "done";
    if (lastReply !== null) connection.finish(hasQuit ? "quit" : "left", lastReply);
  }

  const { progress, drained, lost } = lifecycle;
  socket.connect(fd, { open, data: receive, end, progress, drained, lost });
}
