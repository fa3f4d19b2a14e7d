/**
 * Where a client comes from: its source, which is its address or the network that one host has to
 * itself (a host has a whole /64 of IPv6 to choose addresses from), and the networks in lists.
 */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Bits of an address that make a source. */
export interface SourcePrefix {
  v4: number;
  v6: number;
}

export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** `192.0.2.7` or, of a wider prefix, `2001:db8::/64`. */
export function sourceOf(remoteAddress: string, prefix: SourcePrefix): string {
  if (prefix.v4 === 32 && isIP(remoteAddress) === 4) return remoteAddress; // most, and at once
  const address = ipaddr.process(remoteAddress);
  const whole = address.kind() === "ipv4" ? 32 : 128;
  const bits = address.kind() === "ipv4" ? prefix.v4 : prefix.v6;
  if (bits === whole) return remoteAddress;
  const bytes = address.toByteArray().map((byte, i) => byte & maskOf(bits - 8 * i));
  return `${ipaddr.fromByteArray(bytes)}/${bits}`;
}

/** The mask of a byte of which the first `bits` count. */
function maskOf(bits: number): number {
  return bits >= 8 ? 0xff : bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff;
}

/**
 * Takes an address or a network as people write it; null if it is neither. An IPv4 address mapped into
 * IPv6 is IPv4.
 */
export function parseNetwork(text: string): Network | "host bits" | null {
  const [part = "", bits] = text.split("/", 2);
  if (isIP(part) === 0) return null; // stricter than ipaddr.js, to which 010.0.0.1 is 8.0.0.1
  const address = ipaddr.process(part);
  if (bits === undefined) return [address, address.kind() === "ipv4" ? 32 : 128];
  if (!ipaddr.isValidCIDR(text) || address.kind() !== ipaddr.parse(part).kind()) return null;
  const network: Network = [address, Number(bits)];
  const first = sourceOf(part, { v4: network[1], v6: network[1] }).split("/")[0] as string;
  return ipaddr.parse(first).toString() === address.toString() ? network : "host bits";
}

export function isIn(networks: readonly Network[], remoteAddress: string): boolean {
  if (networks.length === 0) return false;
  const address = ipaddr.process(remoteAddress);
  return networks.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  );
}

/** As a user would write it. */
export function formatNetwork([address, bits]: Network): string {
  return `${address}/${bits}`;
}
