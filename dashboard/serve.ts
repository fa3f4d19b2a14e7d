import { formatAddress, reachable } from "../shared/address.ts";
import type { Master } from "../shared/master.ts";
import { createApp } from "./app.tsx";
import { loadAssets } from "./assets.ts";

export interface PageOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Asked for if not null. */
  password: string | null;
  master: Master;
}

export interface Page {
  url: string;
  /** Ends the page and every open stream at once. */
  close(): void;
}

/**
 * Opens the dashboard over HTTP.
 * @throws an error with `code` if the address cannot be had.
 */
export async function servePage({ host, port, password, master }: PageOptions): Promise<Page> {
  const app = createApp({ master, host, password, assets: await loadAssets() });
  const server = Bun.serve({
    hostname: host,
    port,
    fetch: app.fetch,
    development: false,
    // Follows from `development: false` in Bun; then a second server would take the same port.
    reusePort: false,
  });
  return {
    url: `http://${formatAddress(reachable(host), server.port ?? port)}/`,
    close: () => void server.stop(true),
  };
}
