import { isIP } from "node:net";

/** True for an address of the machine itself, which nobody else reaches. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}

/** An address and a port as one writes them: `127.0.0.1:80`, `[::1]:80`. */
export function formatAddress(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** An IPv4 address as such, which a socket of both kinds has as `::ffff:192.0.2.1`. */
export function unmapIPv4(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}

/** Where a server that listens on `host` is reached from its own machine: a wildcard is no address. */
export function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
