/** Why an address could not be had, in words for the one who chose it. */
import { errorCode } from "../../shared/error-code.ts";
import { formatAddress } from "../../shared/address.ts";

/**
 * Takes where we meant to listen, the flag that would take a free port instead, and what was
 * thrown; gives the error to show.
 */
export function listenError(
  { host, port }: { host: string; port: number },
  freePort: string,
  cause: unknown,
): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `address in use. Another server there? Try ${freePort}.`,
    EACCES: `no permission. Ports below 1024 need a privilege. Try ${freePort}.`,
    EADDRNOTAVAIL: "this machine has no such address.",
  };
  const reason =
    reasons[errorCode(cause) ?? ""] ?? `not an address of this machine (${String(cause)}).`;
  return new Error(`listen ${formatAddress(host, port)}: ${reason}`, { cause });
}
