/**
 * A client's connection, driven by events instead of polling, since there are tens of thousands. It
 * ends after a timeout, so that no client waits for ever.
 */
import type { Socket } from "bun";

/** clean, reset: how the server ended it. late: it had not by the timeout. */
export type End = "clean" | "reset" | "late";

export interface Wire {
  readonly port: number;
  /** Milliseconds since the epoch, before the first packet was sent. */
  readonly since: number;
  /** Everything received, one character per byte. */
  readonly received: string;
  /** null while the server may still send. */
  readonly end: End | null;
  /** Resolves when the kernel has taken all of it or the connection has ended. */
  send(text: string): Promise<void>;
  /** Writes as much as the kernel takes now, and returns how many bytes that was. */
  sendSome(text: string): number;
  /** Waits until `length` bytes have been received in total or the connection has ended. */
  receive(length: number): Promise<void>;
  ended(): Promise<End>;
  /** Closes the sending side. */
  halfClose(): void;
  /** Stops reading. */
  pause(): void;
  /** Tears the connection down (RST). */
  reset(): void;
  close(): void;
}

/** How long a client may take: many times what a loaded machine needs. */
const CLIENT_TIMEOUT_MS = 30_000;

/** Connects to a server on this machine. */
export async function openWire(serverPort: number): Promise<Wire> {
  const since = Date.now();
  const ended = Promise.withResolvers<End>();
  let received = "";
  let end: End | null = null;
  let left = false;
  let happened = Promise.withResolvers<void>();

  function wake(): void {
    happened.resolve();
    happened = Promise.withResolvers();
  }

  function finish(how: End): void {
    if (end !== null) return;
    end = how;
    ended.resolve(how);
    wake();
  }

  /** Waits until `condition` holds or the connection has ended. */
  async function until(condition: () => boolean): Promise<void> {
    while (end === null && !condition()) await happened.promise;
  }

  const socket: Socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: serverPort,
    allowHalfOpen: true,
    socket: {
      binaryType: "buffer",
      data(_, bytes) {
        received += bytes.toString("latin1");
        wake();
      },
      drain: wake,
      end: () => finish("clean"),
      close: (_, error) => finish(error === undefined ? "clean" : "reset"),
      error: () => finish("reset"),
    },
  });
  const port = socket.localPort;
  const late = setTimeout(() => {
    finish("late");
    socket.terminate();
  }, CLIENT_TIMEOUT_MS);

  /** Only once: ending it again would tear it down. */
  function leave(how: () => void): void {
    clearTimeout(late);
    if (!left) how();
    left = true;
  }

  return {
    port,
    since,
    get received() {
      return received;
    },
    get end() {
      return end;
    },
    async send(text) {
      let rest = Buffer.from(text, "latin1");
      await until(() => {
        rest = rest.subarray(Math.max(socket.write(rest), 0));
        return rest.length === 0;
      });
    },
    sendSome: (text) => Math.max(socket.write(Buffer.from(text, "latin1")), 0),
    receive: (length) => until(() => received.length >= length),
    ended: () => ended.promise,
    halfClose: () => void socket.shutdown(),
    pause: () => void socket.pause(),
    reset: () => leave(() => socket.terminate()),
    close: () => leave(() => socket.end()),
  };
}
