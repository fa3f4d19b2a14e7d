/** Warns at startup if clients get more than a service, such as a shell. */
import { formatAddress, isLoopback } from "../../shared/address.ts";
import type { LogEvent } from "../../shared/log.ts";
import type { Options } from "../options/options.ts";
import { formatNetwork } from "../options/source.ts";

/**
 * Returns what to log, or null if there is nothing to warn of. `user`: the
 * name of the children's user.
 */
export function exposureWarning(
  { serving, host, allow }: Options,
  port: number,
  user: string,
): LogEvent | null {
  if (serving.kind !== "pty") return null;
  const command = serving.command.join(" ");
  const what = `each client gets ${command} as ${user}, unencrypted and without a password`;
  const clients =
    allow.length === 0 ? "anyone" : `anyone from ${allow.map(formatNetwork).join(", ")}`;
  const to = `${clients} who can reach ${formatAddress(host, port)}`;
  return { event: "exposed", what, to: isLoopback(host) ? `${to}, on this machine only` : to };
}
