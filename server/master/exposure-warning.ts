/** What somebody who reaches the server can do there, where that is more than to speak a service. */
import { isLoopback, formatAddress } from "../../shared/address.ts";
import type { LogEvent } from "../../shared/log.ts";
import type { Options } from "../options/options.ts";
import { formatNetwork } from "../options/source.ts";

/** Gives what is to be told at the start; null where nothing is. */
export function exposureWarning(
  { serving, host, allow }: Options,
  port: number,
  user: string,
): LogEvent | null {
  if (serving.kind !== "pty") return null;
  const command = serving.command.join(" ");
  const what = `each client gets ${command} as ${user}, unencrypted and without being asked for a password`;
  const networks = allow.map(formatNetwork).join(", ");
  const who = allow.length === 0 ? "whoever" : `who of ${networks}`;
  const everybody = `${who} reaches ${formatAddress(host, port)}`;
  return {
    event: "exposed",
    what,
    to: isLoopback(host) ? `${everybody}: this machine` : everybody,
  };
}
