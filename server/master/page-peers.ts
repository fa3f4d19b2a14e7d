/** Recognizes requests to the page by the user who owns the other end of the connection. */
import { networkInterfaces } from "node:os";
import type { CheckPeer, Endpoint, PeerRefusal } from "../../shared/access.ts";
import { isLoopback, unmapIPv4 } from "../../shared/address.ts";
import { isIP } from "../../shared/ip-address.ts";
import type { SocketOwners } from "../os/socket-owner.ts";

const WILDCARDS = ["0.0.0.0", "::"];

/**
 * `host`: where the page listens. `isRefused` returns true if users with this ID
 * are refused, for `reason`.
 *
 * A local sender that cannot be found is refused. It has closed its connection already, so it does
 * not wait for a response; and a child could do that to hide.
 */
export function createCheckPeer(
  host: string,
  isRefused: (uid: number) => boolean,
  owners: SocketOwners,
  reason: PeerRefusal,
): CheckPeer {
  return (peer, pagePort) => {
    if (peer === null) return reason;
    const found = destinations(host, peer.address)
      .map((address) => owners.find(peer, { address, port: pagePort }))
      .filter((uid) => uid !== null);
    const refused = found.length > 0 ? found.some(isRefused) : isLocal(peer.address);
    return refused ? reason : null;
  };
}

/** Returns the addresses of this machine that a peer may have connected to. */
function destinations(host: string, peerAddress: string): readonly string[] {
  if (isIP(host) !== 0 && !WILDCARDS.includes(host)) return [unmapIPv4(host)];
  const all = new Set([peerAddress, "127.0.0.1", "::1", ...ownAddresses()]);
  return [...all].filter((address) => isIP(address) === isIP(peerAddress));
}

function isLocal(address: string): boolean {
  return isLoopback(address) || ownAddresses().includes(address);
}

function ownAddresses(): readonly Endpoint["address"][] {
  return Object.values(networkInterfaces()).flatMap((list = []) =>
    list.map(({ address }) => address),
  );
}
