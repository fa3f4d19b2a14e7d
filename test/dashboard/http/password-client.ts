/** A client together with its session. */
import { formatAddress } from "../../../shared/address.ts";
import { type Client, connect, type Way } from "../../harness/connect.ts";
import { freeze } from "../../harness/processes.ts";
import type { Server } from "../../harness/server.ts";

export interface Guest extends AsyncDisposable {
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
export async function welcome(server: Server, way: Way = {}): Promise<Guest> {
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
export async function welcomeMany(server: Server, count: number): Promise<Guests> {
  await using stack = new AsyncDisposableStack();
  const all: Guest[] = [];
  while (all.length < count) all.push(stack.use(await welcome(server)));
  const kept = stack.move();
  return { all, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

export interface Guests extends AsyncDisposable {
  readonly all: readonly Guest[];
}
