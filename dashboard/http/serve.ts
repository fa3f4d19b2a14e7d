import type { Access } from "../../shared/access.ts";
import { formatAddress, reachableHost } from "../../shared/address.ts";
import type { History } from "../../shared/history.ts";
import type { Master } from "../../shared/master.ts";
import { createApp } from "./app.tsx";
import { loadAssets } from "./assets.ts";

export interface PageOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  access: Access;
  master: Master;
  history: History;
}

export interface Page {
  url: string;
  /** Ends the page and every open stream at once. */
  close(): void;
}

/**
 * Reads and builds what the page loads; gives the function that then opens it over HTTP, which
 * throws an error with `code` if the address cannot be had.
 * @throws if the page cannot be built.
 */
export async function prepareDashboard(): Promise<(options: PageOptions) => Page> {
  const assets = await loadAssets();
  return ({ host, port, access, master, history }) => {
    const server = Bun.serve({
      hostname: host,
      port,
      fetch: createApp({ master, history, host, access, assets }).fetch,
      development: false,
      // Follows from `development: false` in Bun; then a second server would take the same port.
      reusePort: false,
    });
    return {
      url: `http://${formatAddress(reachableHost(host), server.port ?? port)}/`,
      close: () => void server.stop(true),
    };
  };
}
