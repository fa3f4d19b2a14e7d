/** Why an address could not be had, in words for the one who chose it. */

const REASONS: Record<string, string> = {
  EADDRINUSE: "address in use. Another server there? Try port 0, which takes a free one.",
  EACCES: "no permission. Ports below 1024 need a privilege: choose a higher one.",
  EADDRNOTAVAIL: "this machine has no such address.",
};

/** Takes what was thrown on listening at `flag`'s address, gives the error to show. */
export function listenError(flag: string, address: string, cause: unknown): Error {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const reason = REASONS[code] ?? `not an address of this machine (${String(cause)}).`;
  return new Error(`${flag} ${address}: ${reason}`, { cause });
}
