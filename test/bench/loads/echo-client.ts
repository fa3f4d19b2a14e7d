/** A client of the echo service. */
import { reach, type Target } from "./target.ts";

/** What somebody types, or a small request. */
const MESSAGE = Buffer.alloc(64, "m");

/** What a program writes at once when it has much. */
const BLOCK = Buffer.alloc(65_536, "b");

export interface EchoClient {
  /** Sends a message as soon as the last one is back, until `end`; how many came back. */
  trips(end: number): Promise<number>;
  /** Sends as fast as it is taken, until `end`, and waits for the rest; how many bytes came back. */
  stream(end: number): Promise<number>;
  close(): void;
}

/** What a client does at the moment. */
interface Doing {
  received(bytes: number): void;
  writable(): void;
}

const nothing: Doing = { received() {}, writable() {} };

export async function openEcho(target: Target): Promise<EchoClient> {
  let doing = nothing;
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {}); // a client that is closed waits for nothing
  const connected = Bun.connect({
    hostname: "127.0.0.1",
    port: target.port,
    socket: {
      data: (_, bytes) => doing.received(bytes.length),
      drain: () => doing.writable(),
      close: () => lost.reject(new Error(`${target.name} ended an echo.`)),
    },
  });
  const socket = await reach(target, connected);

  function run(start: (done: (count: number) => void) => Doing): Promise<number> {
    const done = Promise.withResolvers<number>();
    doing = start(done.resolve);
    doing.writable();
    return Promise.race([done.promise, lost.promise]);
  }

  return {
    trips: (end) =>
      run((done) => {
        let count = 0;
        let missing = MESSAGE.length;
        socket.write(MESSAGE);
        return {
          received(bytes) {
            missing -= bytes;
            if (missing > 0) return;
            count += 1;
            if (performance.now() >= end) return done(count);
            missing = MESSAGE.length;
            socket.write(MESSAGE);
          },
          writable() {}, // there is always room for one
        };
      }),
    stream: (end) =>
      run((done) => {
        let sent = 0;
        let received = 0;
        const finish = () => {
          if (performance.now() >= end && received === sent) done(received);
        };
        return {
          received(bytes) {
            received += bytes;
            finish();
          },
          writable() {
            let taken = BLOCK.length;
            while (taken === BLOCK.length && performance.now() < end) {
              taken = socket.write(BLOCK);
              sent += Math.max(0, taken);
            }
            finish();
          },
        };
      }),
    close: () => void socket.end(),
  };
}
