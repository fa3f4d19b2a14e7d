/** A client of the time service. */
import { connectTo, type Target } from "./target.ts";

export interface Client {
  /** Sends a request and waits for the first bytes of the reply. */
  ask(request: string): Promise<void>;
  /**
   * Sends a request and waits until the contestant ends the connection; returns everything it sent.
   */
  askLast(request: string): Promise<string>;
  close(): void;
}

/** @throws an error with the contestant's name if it cannot be reached. */
export async function connect(target: Target): Promise<Client> {
  let text = "";
  let onReply = () => {};
  const ended = Promise.withResolvers<string>();
  const connected = Bun.connect({
    hostname: "127.0.0.1",
    port: target.port,
    socket: {
      data(_, bytes) {
        text += bytes.toString("latin1");
        onReply();
      },
      close: () => ended.resolve(text),
    },
  });
  const socket = await connectTo(target, connected);
  return {
    async ask(request) {
      const replied = new Promise<"reply">((resolve) => (onReply = () => resolve("reply")));
      socket.write(request);
      const first = await Promise.race([replied, ended.promise]);
      if (first !== "reply") throw new Error(`${target.name} ended a connection without a reply.`);
    },
    askLast(request) {
      socket.write(request);
      return ended.promise;
    },
    close: () => void socket.end(),
  };
}

/**
 * Returns the time from connecting to the first byte of the reply, and the client, still connected.
 */
export async function firstReply(target: Target): Promise<{ client: Client; ms: number }> {
  const start = performance.now();
  const client = await connect(target);
  await client.ask("time\r\n");
  return { client, ms: performance.now() - start };
}
