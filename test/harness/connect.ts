/** A plain TCP client: sends bytes, collects what arrives, and knows how the connection ended. */
import { FFIType, ptr } from "bun:ffi";
import { openLibc } from "../../server/os/libc.ts";
import { until } from "./until.ts";

/**
 * Nothing listens here (tcpmux, RFC 1078). A port that was free a moment ago may
 * be another test's by now.
 */
export const CLOSED_PORT = 1;

/** clean: closed after the last byte. reset: torn down (RST). */
export type End = "clean" | "reset";

export interface Client extends AsyncDisposable {
  /** This client's port, as the server sees it. */
  readonly port: number;
  /** What has arrived and was not read yet, one character per byte. */
  readonly received: string;
  /** Sends text, one byte per character; resolves when the kernel has taken all of it. */
  send(text: string): Promise<void>;
  /** Writes as much of the text as the kernel takes now, and returns how many bytes that was. */
  sendSome(text: string): number;
  /** Reads the next `length` bytes. */
  read(length: number): Promise<string>;
  /** Reads up to and including `ending`. */
  readUntil(ending: string): Promise<string>;
  /**
   * Reads to the end, closes this side too, and returns what it read and how the connection ended.
   */
  readToEnd(): Promise<{ text: string; end: End }>;
  /** Closes the sending side, and still reads. */
  halfClose(): void;
  /**
   * Reads nothing until `resume`, and from now on the kernel buffers little in either direction.
   */
  pause(): void;
  resume(): void;
  /** Tears the connection down (RST). */
  reset(): void;
  close(): void;
}

export interface Way {
  /** The server's address. */
  host?: string;
  /** The address to connect from; any of 127.0.0.0/8 works. */
  from?: string;
}

/** Connects to a server on this machine. */
export async function connect(
  port: number,
  { host = "127.0.0.1", from }: Way = {},
): Promise<Client> {
  let received = "";
  let end: End | undefined;
  // Bun's types lack `localAddress`.
  const localAddress = from === undefined ? {} : { localAddress: from };
  const socket = await Bun.connect({
    hostname: host,
    port,
    ...localAddress,
    allowHalfOpen: true,
    socket: {
      binaryType: "buffer",
      data: (_, bytes) => void (received += bytes.toString("latin1")),
      end: () => void (end ??= "clean"),
      close: (_, error) => void (end ??= error === undefined ? "clean" : "reset"),
      error: () => void (end ??= "reset"),
    },
  });
  const localPort = socket.localPort;

  function take(length: number): string {
    const taken = received.slice(0, length);
    received = received.slice(length);
    return taken;
  }

  /** Waits for bytes. @throws if the connection ends first. */
  async function arrived(enough: () => boolean, what: string): Promise<void> {
    const state = () => `${what}; ${JSON.stringify(received.slice(0, 200))} arrived, end: ${end}`;
    await until(() => enough() || end !== undefined, state);
    if (!enough()) throw new Error(`the connection ended (${end}) before ${state()}`);
  }

  return {
    port: localPort,
    get received() {
      return received;
    },
    async send(text) {
      let rest = Buffer.from(text, "latin1");
      await until(
        () => {
          if (end === "reset") throw new Error(`reset with ${rest.length} bytes not sent`);
          rest = rest.subarray(Math.max(socket.write(rest), 0));
          return rest.length === 0;
        },
        () => `everything is sent; ${rest.length} bytes are not`,
      );
    },
    sendSome: (text) => Math.max(socket.write(Buffer.from(text, "latin1")), 0),
    async read(length) {
      await arrived(() => received.length >= length, `${length} bytes arrive`);
      return take(length);
    },
    async readUntil(ending) {
      await arrived(() => received.includes(ending), `${JSON.stringify(ending)} arrives`);
      return take(received.indexOf(ending) + ending.length);
    },
    async readToEnd() {
      const how = await until(
        () => end,
        () => `the connection ends; ${JSON.stringify(received.slice(0, 200))} arrived`,
      );
      socket.end();
      return { text: take(received.length), end: how };
    },
    halfClose: () => void socket.shutdown(),
    pause() {
      limitBuffers(socket.fd);
      socket.pause();
    },
    resume: () => void socket.resume(),
    reset: () => void socket.terminate(),
    close: () => void socket.end(),
    async [Symbol.asyncDispose]() {
      socket.end();
    },
  };
}

/**
 * The kernel would let a socket's buffers grow to 32 MB and 4 MB (tcp_rmem, tcp_wmem), and a child
 * answer a million requests before its client counts as one that does not read.
 */
const PAUSED_BUFFER_BYTES = 65_536;

// The constants of Linux, the same on x64 and arm64.
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;

const { i32, ptr: pointer } = FFIType;
const { setsockopt } = openLibc({
  setsockopt: { args: [i32, i32, i32, pointer, i32], returns: i32 },
});

function limitBuffers(fd: number): void {
  const bytes = new Int32Array([PAUSED_BUFFER_BYTES]);
  for (const option of [SO_SNDBUF, SO_RCVBUF]) {
    const status = setsockopt(fd, SOL_SOCKET, option, ptr(bytes), bytes.byteLength);
    if (status !== 0) throw new Error("the client's buffers cannot be limited");
  }
}
