/** A client that sends many reproducible bytes to an echo service and checks each that returns. */
import type { End } from "./connect.ts";

export interface Stream extends AsyncDisposable {
  /** Its port, as the server sees it. */
  readonly port: number;
  /** Starts sending. */
  begin(): void;
  /** Resolves as soon as `count` bytes have returned. */
  reach(count: number): Promise<void>;
  /**
   * Resolves when all bytes have returned, the connection has ended or a byte
   * was wrong. It stays open.
   */
  readonly done: Promise<Streamed>;
}

export interface Streamed {
  /** The number of bytes that returned as they were sent. */
  intact: number;
  /** null if all bytes returned as they were sent. */
  fault: End | "wrong byte" | null;
}

/** Bytes generated at a time. */
const BLOCK_BYTES = 65_536;

/** Connects to an echo service on this machine, to stream `length` bytes that depend on `seed`. */
export async function openStream(port: number, seed: number, length: number): Promise<Stream> {
  const done = Promise.withResolvers<Streamed>();
  const sent = sequence(seed);
  const expected = sequence(seed);
  let left = length; // to send
  let rest: Uint8Array = new Uint8Array(0); // of the block being sent
  let intact = 0;
  let mark = { count: Number.POSITIVE_INFINITY, reached: () => {} };

  function finish(fault: Streamed["fault"]): void {
    done.resolve({ intact, fault });
    if (fault !== null) socket.end();
  }

  function send(): void {
    while (left > 0) {
      if (rest.length === 0) rest = sent(Math.min(left, BLOCK_BYTES));
      const taken = Math.max(socket.write(rest), 0);
      left -= taken;
      rest = rest.subarray(taken);
      if (rest.length > 0) return; // `drain` follows
    }
  }

  function check(bytes: Buffer): void {
    if (!bytes.equals(expected(bytes.length))) return finish("wrong byte");
    intact += bytes.length;
    if (intact >= mark.count) mark.reached();
    if (intact === length) finish(null);
  }

  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      binaryType: "buffer",
      data: (_, bytes) => check(bytes),
      drain: send,
      end: () => finish("clean"),
      close: (_, error) => finish(error === undefined ? "clean" : "reset"),
      error: () => finish("reset"),
    },
  });
  return {
    port: socket.localPort,
    begin: send,
    reach: (count) => new Promise((reached) => (mark = { count, reached })),
    done: done.promise,
    async [Symbol.asyncDispose]() {
      socket.end();
    },
  };
}

/**
 * Returns a function that returns the next bytes of a pseudorandom sequence
 * (Marsaglia's xorshift32).
 */
function sequence(seed: number): (length: number) => Uint8Array {
  let state = (seed ^ 0x9e3779b9) | 1;
  let ready = new Uint8Array(0);
  return (length) => {
    if (ready.length < length) {
      const words = new Int32Array(Math.ceil((length - ready.length) / 4));
      for (let index = 0; index < words.length; index += 1) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        words[index] = state;
      }
      ready = Buffer.concat([ready, new Uint8Array(words.buffer)]);
    }
    const taken = ready.subarray(0, length);
    ready = ready.subarray(length);
    return taken;
  };
}
