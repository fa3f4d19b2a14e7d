/** A line between browser and server that can break while both live. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Server } from "../../harness/server.ts";

export interface Line extends AsyncDisposable {
  /** The page's address at this end of the line. */
  readonly url: string;
  /** Breaks all connections there are; new ones work. */
  cut(): void;
}

/** Lays a line to the page of a server. */
export async function layLine(server: Server): Promise<Line> {
  const sockets = new Set<Socket>();
  const { port } = new URL(server.url);
  const listener = createServer((near) => {
    const far = connect(Number(port), "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => cut([near, far])); // reset by either side
    }
    near.pipe(far);
    far.pipe(near);
  });
  const listening = Promise.withResolvers<void>();
  listener.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`,
    cut: () => cut(sockets),
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<unknown>();
      listener.close(closed.resolve);
      cut(sockets);
      await closed.promise;
    },
  };
}

function cut(sockets: Iterable<Socket>): void {
  for (const socket of sockets) socket.destroy();
}
