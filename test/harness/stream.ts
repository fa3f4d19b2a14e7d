/** A client that sends very many bytes that anyone can make again, and checks each that comes back. */
import type { End } from "./connect.ts";

export interface Stream extends AsyncDisposable {
  /** The port that the server sees it come from. */
  readonly port: number;
  /** Begins to send. */
  begin(): void;
  /** Settles in the turn in which so many bytes have come back. */
  reach(count: number): Promise<void>;
  /** Settles when all has come back, or the connection has ended, or a byte was wrong; it stays open. */
  readonly done: Promise<Streamed>;
}

export interface Streamed {
  /** Bytes that came back, all of them as they were sent. */
  intact: number;
  /** null: all came back as it was sent. */
  fault: End | "wrong byte" | null;
}

/** Bytes that are made at once. */
const BLOCK = 65_536;

/** Connects to an echo service on this machine, to stream `length` bytes; another seed, other bytes. */
export async function openStream(port: number, seed: number, length: number): Promise<Stream> {
  const done = Promise.withResolvers<Streamed>();
  const sent = sequence(seed);
  const expected = sequence(seed);
  let left = length; // to send
  let rest: Uint8Array = new Uint8Array(0); // of the block that is being sent
  let intact = 0;
  let mark = { count: Number.POSITIVE_INFINITY, reached: () => {} };

  function finish(fault: Streamed["fault"]): void {
    done.resolve({ intact, fault });
    if (fault !== null) socket.end();
  }

  function send(): void {
    while (left > 0) {
      if (rest.length === 0) rest = sent(Math.min(left, BLOCK));
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

/** Gives the next bytes of a sequence of no period that matters (Marsaglia's xorshift32), on each call. */
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
