/** A client together with its session. */
import { formatAddress } from "../../shared/address.ts";
import { type Client, connect, type Way } from "./connect.ts";
import { freeze } from "./processes.ts";
import type { Server } from "./server.ts";

export interface ServedClient extends AsyncDisposable {
  readonly client: Client;
  /** The session's ID. */
  readonly id: string;
  /** The child's PID. */
  readonly pid: number;
  /** As the page shows it. */
  readonly address: string;
  /** Sends `time` and waits for the reply: 4 bytes in and 19 out each. */
  askTime(times?: number): Promise<void>;
  /** Sends `quit` and reads to the end. */
  quit(): Promise<void>;
  /** Stops the child, and waits until it has stopped: signals sent earlier could overtake. */
  freeze(): Promise<void>;
}

/** Connects, and waits until the child serves. */
export async function connectServed(server: Server, way: Way = {}): Promise<ServedClient> {
  const client = await connect(server.port, way);
  const { id, pid } = await server.event("serving", ({ remotePort }) => remotePort === client.port);
  return {
    client,
    id,
    pid,
    address: formatAddress(way.from ?? "127.0.0.1", client.port),
    async askTime(times = 1) {
      for (let i = 0; i < times; i += 1) {
        await client.send("time");
        await client.read(19);
      }
    },
    async quit() {
      await client.send("quit\n");
      await client.readToEnd();
    },
    freeze: () => freeze(pid),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** Connects several clients, one after the other. */
export async function connectManyServed(server: Server, count: number): Promise<ServedClients> {
  await using stack = new AsyncDisposableStack();
  const all: ServedClient[] = [];
  while (all.length < count) all.push(stack.use(await connectServed(server)));
  const kept = stack.move();
  return { all, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

export interface ServedClients extends AsyncDisposable {
  readonly all: readonly ServedClient[];
}
