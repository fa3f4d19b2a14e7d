/**
 * A spare: rehearses an exchange, so that everything a first client would wait for has been done
 * once, reports that it is ready, and sleeps in recvmsg(2) until it receives its one client.
 */
import { closeSync } from "node:fs";
import type { ChildChannel } from "../channel/child-channel.ts";
import { type Reporter, createReporter } from "../channel/report.ts";
import type { Task } from "../channel/task.ts";
import { type DescriptorPassing, openDescriptorPassing } from "../os/descriptor-passing.ts";
import type { FirstExchange } from "./serve-client.ts";

/**
 * Serves the client at the other end of `fd`, of which it takes ownership;
 * calls `onClosed` at the end.
 */
type Serve = (
  fd: number,
  task: Task,
  report: Reporter,
  onClosed: () => void,
  first: FirstExchange,
) => void;

/**
 * The second and the third rehearsal make a client's first reply faster still; more of them do not.
 */
const REHEARSALS = 3;

/**
 * Tells the master that the client's socket has been received, and that it may close its own copy.
 */
const TAKEN = Buffer.from("taken");

/**
 * Makes this process a spare that receives its client over the Unix socket `fd`. `exit` ends the
 * process: after the client, or if the master ends before there is one.
 */
export async function becomeSpare(
  fd: number,
  task: Task,
  channel: ChildChannel,
  serve: Serve,
  exit: () => void,
  { rehearsals = REHEARSALS } = {},
): Promise<void> {
  const descriptors = openDescriptorPassing();
  const [master, spare] = descriptors.pair();
  for (let count = 0; count < rehearsals; count += 1) {
    const [client, server] = descriptors.pair();
    descriptors.pass(master, server, JSON.stringify(task));
    closeSync(server);
    const closed = Promise.withResolvers<void>();
    const silent = createReporter({ send() {}, isBehind: false });
    await playClient(client, () => serveNext(descriptors, spare, serve, silent, closed.resolve));
    await closed.promise;
  }
  for (const rehearsed of [master, spare]) closeSync(rehearsed);
  const report = createReporter(channel);
  channel.send({ type: "ready" });
  serveNext(descriptors, fd, serve, report, exit);
}

/** Blocks until a client's socket is received over `handOver`, and serves that client. */
function serveNext(
  descriptors: DescriptorPassing,
  handOver: number,
  serve: Serve,
  report: Reporter,
  exit: () => void,
): void {
  const client = descriptors.take(handOver);
  if (client === null) return exit();
  // From here on the client ends with this process; the master may close its copy of the socket.
  descriptors.write(handOver, TAKEN);
  // Often the first request is here already. Answered by hand it need not wait for Bun.
  serve(client.fd, JSON.parse(client.text) as Task, report, exit, {
    read: () => descriptors.read(client.fd),
    write: (reply) => descriptors.write(client.fd, reply),
  });
}

/**
 * Plays the client on `fd`, which it owns; calls `onSent` after its request. Settles at the reply.
 */
async function playClient(fd: number, onSent: () => void): Promise<void> {
  const replied = Promise.withResolvers<void>();
  await Bun.connect({
    fd,
    socket: {
      open(socket) {
        socket.write("time\r\n"); // echo answers it, too
        onSent();
      },
      data(socket) {
        socket.end();
        replied.resolve();
      },
      error: (_, error) => replied.reject(error),
    },
  });
  await replied.promise;
}
