/** Who sent a request: the other end of its connection. */
import type { Context } from "hono";
import ipaddr from "ipaddr.js";
import type { Endpoint } from "../../shared/access.ts";
import { unmapIPv4 } from "../../shared/address.ts";

/** What Bun.serve passes to each request. */
export interface BunServer {
  port?: number;
  requestIP?(request: Request): Endpoint | null;
  timeout?(request: Request, seconds: number): void;
}

/**
 * Returns the server that a request came through; an empty object for a request that
 * was not sent over a network.
 */
export function serverOf(c: Context): BunServer {
  return (c.env ?? {}) as BunServer;
}

/**
 * Returns where a request came from; null if its connection is closed already. IPv4
 * addresses are not mapped.
 */
export function peerOf(c: Context): Endpoint | null {
  const peer = serverOf(c).requestIP?.(c.req.raw) ?? null;
  return peer === null ? null : { address: unmapIPv4(peer.address), port: peer.port };
}

/** The source of requests whose connection is closed already. */
const UNKNOWN_SOURCE = "unknown";

/** Bytes of an IPv6 address that identify its network. A subscriber gets all addresses of one. */
const NETWORK_BYTES = 8;

/** Returns what limits count by: the peer's IPv4 address, or the /64 of its IPv6 address. */
export function sourceOf(peer: Endpoint | null): string {
  if (peer === null) return UNKNOWN_SOURCE;
  const { address } = peer;
  if (!address.includes(":")) return address;
  const [withoutZone = ""] = address.split("%");
  const network = ipaddr.parse(withoutZone).toByteArray().slice(0, NETWORK_BYTES);
  return `${Buffer.from(network).toString("hex")}::/64`;
}
