/**
 * A spare's side: rehearses an exchange, so that all that a first client would wait for has been done
 * once, says that it is ready, and sleeps in recvmsg(2) until its one client comes.
 */
import { closeSync } from "node:fs";
import { type DescriptorPassing, openDescriptorPassing } from "../os/descriptor-passing.ts";
import { type Reporter, createReporter, reportReady } from "../channel/report.ts";
import type { FirstExchange } from "./serve-client.ts";
import type { Task } from "../channel/task.ts";

/** Serves the client whose socket is `fd`, and calls `end` when it is done. */
type Serve = (
  fd: number,
  task: Task,
  report: Reporter,
  end: () => void,
  first: FirstExchange,
) => void;

/**
 * Makes this process a spare that gets its client over `fd`. `leave` ends the process: after the
 * client, or when the master ends before there is one.
 */
export async function becomeSpare(
  fd: number,
  task: Task,
  serve: Serve,
  leave: () => void,
  { rounds = ROUNDS } = {},
): Promise<void> {
  const descriptors = openDescriptorPassing();
  const [master, spare] = descriptors.pair();
  for (let round = 0; round < rounds; round += 1) {
    const [client, server] = descriptors.pair();
    descriptors.pass(master, server, JSON.stringify(task));
    closeSync(server);
    const left = Promise.withResolvers<void>();
    const silent = createReporter(() => {});
    await askTheTime(client, () => serveNext(descriptors, spare, serve, silent, left.resolve));
    await left.promise;
  }
  for (const rehearsed of [master, spare]) closeSync(rehearsed);
  const report = createReporter();
  reportReady();
  serveNext(descriptors, fd, serve, report, leave);
}

const TAKEN = Buffer.from("taken");

/** How often all is rehearsed. The second and the third time go faster still; more do not. */
const ROUNDS = 3;

/** Waits for a client over the Unix socket `over` and serves it. */
function serveNext(
  descriptors: DescriptorPassing,
  over: number,
  serve: Serve,
  report: Reporter,
  leave: () => void,
): void {
  const client = descriptors.take(over);
  if (client === null) return leave();
  // From here on the client is lost with this process; the master may let go of it.
  descriptors.write(over, TAKEN);
  // A first request has often come by now: answered by hand, it need not wait for Bun.
  serve(client.fd, JSON.parse(client.text) as Task, report, leave, {
    read: () => descriptors.read(client.fd),
    write: (reply) => descriptors.write(client.fd, reply),
  });
}

/** Plays the client on `fd`; `begin` is called when it has said something. Settles at the reply. */
async function askTheTime(fd: number, begin: () => void): Promise<void> {
  const replied = Promise.withResolvers<void>();
  await Bun.connect({
    fd,
    socket: {
      open(socket) {
        socket.write("time\r\n"); // echo answers it too
        begin();
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
