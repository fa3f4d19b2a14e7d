/**
 * The client's socket: queues what its window has no room for, and reads nothing
 * while anything is queued.
 */
import type { Socket } from "bun";
import { createOutbox } from "../os/outbox.ts";

export interface SocketEvents {
  open(): void;
  data(bytes: Buffer): void;
  /** The client sends nothing more. */
  end(): void;
  /** The client has taken some bytes. */
  progress(): void;
  /** The client has taken everything. */
  drained(): void;
  /** The connection has closed or is broken. */
  lost(reason: "left" | "reset"): void;
}

export interface ClientSocket {
  /** Takes ownership of `fd`. To be called once; nothing else may be called before `open` is. */
  connect(fd: number, events: SocketEvents): void;
  /** Sends bytes, which belong to the socket from now on. */
  send(bytes: Buffer): void;
  /** True while the client has not taken everything. */
  readonly isBehind: boolean;
  /** Settles when the client has taken everything, or it has been given up. */
  whenDrained(): Promise<void>;
  /** Reads nothing until `resume`. */
  pause(): void;
  resume(): void;
  /**
   * Has the kernel probe the connection after a silence of `ms`: the
   * client's host may have vanished.
   */
  keepAlive(ms: number): void;
  /**
   * Sends the end of the connection. What the client sends is read until it
   * ends the connection, too.
   */
  shutdown(): void;
  /** Discards what the client has not taken. */
  giveUp(): void;
}

export function createClientSocket(): ClientSocket {
  const outbox = createOutbox();
  let socket: Socket;
  let events: SocketEvents;
  let isPaused = false;
  let waiting: (() => void)[] = [];

  function write(bytes: Buffer): number {
    const written = socket.write(bytes);
    if (written > 0) events.progress();
    return written;
  }

  function flush(): void {
    // Bun reports a broken connection nowhere else.
    if (!outbox.flush(write)) return events.lost("reset");
    if (!outbox.isEmpty) return void socket.pause();
    if (!isPaused) socket.resume();
    wakeWaiting();
    events.drained();
  }

  function wakeWaiting(): void {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  return {
    connect(fd, socketEvents) {
      events = socketEvents;
      openSocket(fd, socketEvents, flush, (opened) => (socket = opened));
    },
    send(bytes) {
      const wasBehind = !outbox.isEmpty;
      outbox.add(bytes);
      if (!wasBehind) flush(); // otherwise `drain` will
    },
    get isBehind() {
      return !outbox.isEmpty;
    },
    async whenDrained() {
      if (!outbox.isEmpty) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    pause() {
      isPaused = true;
      socket.pause();
    },
    resume() {
      if (!isPaused) return;
      isPaused = false;
      if (outbox.isEmpty) socket.resume();
    },
    keepAlive: (ms) => void socket.setKeepAlive(true, ms),
    shutdown() {
      isPaused = false;
      socket.resume();
      socket.shutdown();
    },
    giveUp() {
      outbox.clear();
      wakeWaiting();
    },
  };
}

function openSocket(
  fd: number,
  events: SocketEvents,
  onWritable: () => void,
  onOpen: (socket: Socket) => void,
): void {
  void Bun.connect({
    fd,
    // A client that has sent its last request (`printf time | nc -N`) still wants the reply.
    allowHalfOpen: true,
    socket: {
      open(socket) {
        onOpen(socket);
        events.open();
      },
      data: (_, bytes) => events.data(bytes),
      drain: onWritable,
      end: events.end,
      close: (_, error) => events.lost(error === undefined ? "left" : "reset"),
      error(_, error) {
        throw error;
      },
    },
  });
}
