/**
 * The page's address with its generated password, as a server of an ordinary
 * user leaves it for commands.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Server } from "./server.ts";

/** Returns the path of the file, in a state directory whose name ends with the user's ID. */
export function pageFile({ directory, url }: Server): string {
  const [state = "none"] = readdirSync(directory).filter((name) => /^brood-\d+$/.test(name));
  return join(directory, state, `page-${new URL(url).port}`);
}

/** Returns the address, such as `http://127.0.0.1:65080/?token=…`. */
export function pageAddress(server: Server): string {
  return readFileSync(pageFile(server), "utf8").trim();
}

export function tokenOf(server: Server): string {
  return new URL(pageAddress(server)).searchParams.get("token") ?? "";
}
