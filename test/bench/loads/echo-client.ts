/** A client of the echo service. */
import { connectTo, type Target } from "./target.ts";

/** The size of a typed line or a small request. */
const MESSAGE = Buffer.alloc(64, "m");

/** The size of one write of a program with much to send. */
const BLOCK = Buffer.alloc(65_536, "b");

export interface EchoClient {
  /** Sends a message whenever the previous one is back, until `end`; returns how many came back. */
  roundTrips(end: number): Promise<number>;
  /**
   * Sends as fast as the contestant reads, until `end`, and waits for the rest; returns
   * how many bytes came back.
   */
  stream(end: number): Promise<number>;
  close(): void;
}

/** What a client is doing now. */
interface Activity {
  received(bytes: number): void;
  writable(): void;
}

const IDLE: Activity = { received() {}, writable() {} };

export async function openEcho(target: Target): Promise<EchoClient> {
  let activity = IDLE;
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {}); // a closed client waits for nothing
  const connected = Bun.connect({
    hostname: "127.0.0.1",
    port: target.port,
    socket: {
      data: (_, bytes) => activity.received(bytes.length),
      drain: () => activity.writable(),
      close: () => lost.reject(new Error(`${target.name} ended an echo.`)),
    },
  });
  const socket = await connectTo(target, connected);

  function run(start: (done: (count: number) => void) => Activity): Promise<number> {
    const done = Promise.withResolvers<number>();
    activity = start(done.resolve);
    activity.writable();
    return Promise.race([done.promise, lost.promise]);
  }

  return {
    roundTrips: (end) =>
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
