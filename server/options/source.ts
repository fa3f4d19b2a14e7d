/**
 * Where clients come from. A source is an address, or the network that one host has to itself:
 * an IPv6 host usually has a whole /64 of addresses to choose from. Networks are those in the
 * lists of --allow and --deny.
 */
import { isIP } from "../../shared/ip-address.ts";
import ipaddr from "ipaddr.js";

/** How many bits of an address identify a source. */
export interface SourcePrefix {
  v4: number;
  v6: number;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

export type Network = [address: Address, bits: number];

/** Returns the source of an address: `192.0.2.7` or, with a shorter prefix, `2001:db8::/64`. */
export function sourceOf(remoteAddress: string, prefix: SourcePrefix): string {
  if (prefix.v4 === 32 && isIP(remoteAddress) === 4) return remoteAddress; // the usual case, without parsing
  const address = ipaddr.process(remoteAddress);
  const bits = address.kind() === "ipv4" ? prefix.v4 : prefix.v6;
  if (bits === lengthOf(address)) return remoteAddress;
  return `${networkAddress(address, bits)}/${bits}`;
}

/** Returns how many bits an address of this kind has. */
function lengthOf(address: Address): number {
  return address.kind() === "ipv4" ? 32 : 128;
}

/** Returns the first address of the network that has the first `bits` of `address`. */
function networkAddress(address: Address, bits: number): Address {
  const family = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
  return family.networkAddressFromCIDR(`${address}/${bits}`);
}

/**
 * Parses an address or a network. Returns "host bits" for a network with bits set beyond its
 * prefix, null if it is neither. An IPv4 address mapped into IPv6 is IPv4.
 */
export function parseNetwork(text: string): Network | "host bits" | null {
  const [part = "", bits] = text.split("/", 2);
  if (isIP(part) === 0) return null; // stricter than ipaddr.js, for which 010.0.0.1 is 8.0.0.1
  const address = ipaddr.process(part);
  if (bits === undefined) return [address, lengthOf(address)];
  if (!ipaddr.isValidCIDR(text) || address.kind() !== ipaddr.parse(part).kind()) return null;
  const network: Network = [address, Number(bits)];
  return networkAddress(...network).toString() === address.toString() ? network : "host bits";
}

/** Returns true if the address is in one of the networks. */
export function isIn(networks: readonly Network[], remoteAddress: string): boolean {
  if (networks.length === 0) return false;
  const address = ipaddr.process(remoteAddress);
  return networks.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  );
}

/** Returns a network as a user would write it. */
export function formatNetwork([address, bits]: Network): string {
  return `${address}/${bits}`;
}
