/** Explains to the user why the server cannot listen on the address they chose. */
import { errorCode } from "../../shared/error-code.ts";
import { formatAddress } from "../../shared/address.ts";

/**
 * Takes the address, the flag that would choose a free port instead, and what was thrown.
 * Returns the error to show.
 */
export function listenError(
  { host, port }: { host: string; port: number },
  freePortFlag: string,
  cause: unknown,
): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `address in use. Is another server running there? Try ${freePortFlag}.`,
    EACCES: `permission denied. Ports below 1024 need a privilege. Try ${freePortFlag}.`,
    EADDRNOTAVAIL: "this machine has no such address.",
  };
  const reason =
    reasons[errorCode(cause) ?? ""] ?? `not an address of this machine (${String(cause)}).`;
  return new Error(`listen ${formatAddress(host, port)}: ${reason}`, { cause });
}
