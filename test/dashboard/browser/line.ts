/** A connection between browser and server that a test can break. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Server } from "../../harness/server.ts";

export interface Line extends AsyncDisposable {
  /** The page's address on the browser's side. */
  readonly url: string;
  /** Breaks all current connections; new ones work. */
  cut(): void;
}

/** Starts a proxy in front of a server's page. */
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
