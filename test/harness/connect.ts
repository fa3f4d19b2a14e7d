/** A client as bare as TCP: sends bytes, keeps what comes, and tells how the connection ended. */
import { until } from "./until.ts";

/** clean: end of connection after the last byte. reset: the connection was torn down (RST). */
export type End = "clean" | "reset";

export interface Client extends AsyncDisposable {
  /** The port that the server sees this client come from. */
  readonly port: number;
  /** What came and was not yet read, one character a byte. */
  readonly received: string;
  /** Sends text, one byte a character; settles when the kernel has taken all of it. */
  send(text: string): Promise<void>;
  /** Gives the kernel as much of the text as it takes now; how much that was. */
  sendSome(text: string): number;
  /** Takes the next `length` bytes. */
  read(length: number): Promise<string>;
  /** Takes all bytes up to and with `ending`. */
  readUntil(ending: string): Promise<string>;
  /** Takes all bytes up to the end, closes this side too, and says what the end was. */
  readToEnd(): Promise<{ text: string; end: End }>;
  /** Says that nothing more will be sent, and still reads. */
  halfClose(): void;
  /** Reads nothing until `resume`: a deaf client. */
  pause(): void;
  resume(): void;
  /** Tears the connection down. */
  reset(): void;
  close(): void;
}

export interface Way {
  /** The server's address. */
  host?: string;
  /** The address to come from; of 127.0.0.0/8 any will do. */
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

  /** Waits for bytes; the end of the connection is an error here. */
  async function arrived(enough: () => boolean, what: string): Promise<void> {
    const state = () => `${what}; ${JSON.stringify(received.slice(0, 200))} came, end: ${end}`;
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
        () => `all is sent, ${rest.length} bytes are not`,
      );
    },
    sendSome: (text) => Math.max(socket.write(Buffer.from(text, "latin1")), 0),
    async read(length) {
      await arrived(() => received.length >= length, `${length} bytes come`);
      return take(length);
    },
    async readUntil(ending) {
      await arrived(() => received.includes(ending), `${JSON.stringify(ending)} comes`);
      return take(received.indexOf(ending) + ending.length);
    },
    async readToEnd() {
      const how = await until(
        () => end,
        () => `the connection ends; ${JSON.stringify(received.slice(0, 200))} came`,
      );
      socket.end();
      return { text: take(received.length), end: how };
    },
    halfClose: () => void socket.shutdown(),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    reset: () => void socket.terminate(),
    close: () => void socket.end(),
    async [Symbol.asyncDispose]() {
      socket.end();
    },
  };
}
