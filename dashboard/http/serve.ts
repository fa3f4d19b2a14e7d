import type { Access, CheckPeer } from "../../shared/access.ts";
import { formatAddress, reachableHost } from "../../shared/address.ts";
import type { History } from "../../shared/history.ts";
import type { Master } from "../../shared/master.ts";
import type { PageSockets } from "../../shared/page-sockets.ts";
import { createApp } from "./app.tsx";
import { loadAssets } from "./assets.ts";
import { createConnectionLimit } from "./connection-limit.ts";

export interface PageOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  access: Access;
  /** Null if peers cannot be told from each other, or need not be. */
  checkPeer: CheckPeer | null;
  /** Null where connections cannot be listed. */
  sockets: PageSockets | null;
  master: Master;
  history: History;
}

export interface Page {
  url: string;
  /** Closes the page and every open stream immediately. */
  close(): void;
}

/**
 * Reads and builds the files that the page loads. Returns the function that then serves the page
 * over HTTP; it throws an error with `code` if it cannot listen on the address.
 * @throws if the page cannot be built.
 */
export async function prepareDashboard(): Promise<(options: PageOptions) => Page> {
  const assets = await loadAssets();
  return ({ host, port, sockets, ...options }) => {
    const connections = sockets === null ? null : createConnectionLimit(sockets, options.master);
    const server = Bun.serve({
      hostname: host,
      port,
      fetch: createApp({ ...options, host, connections, assets }).fetch,
      development: false,
      // Bun turns this on with `development: false`; a second server could then take the same port.
      reusePort: false,
    });
    connections?.start(server.port ?? port);
    return {
      url: `http://${formatAddress(reachableHost(host), server.port ?? port)}/`,
      close() {
        connections?.stop();
        void server.stop(true);
      },
    };
  };
}
