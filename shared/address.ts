import { isIP } from "./ip-address.ts";

/** True for a loopback address, which other machines cannot reach. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}

/** `127.0.0.1:80`, `[::1]:80`. */
export function formatAddress(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * Returns `192.0.2.1` for `::ffff:192.0.2.1`, which is how a dual-stack socket
 * reports it; others unchanged.
 */
export function unmapIPv4(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}

/**
 * Returns the host by which a server listening on `host` is reached from its
 * own machine: not a wildcard.
 */
export function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
