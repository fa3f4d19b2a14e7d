/**
 * Moves the calling thread, and everything it starts, into a network namespace of its own (network_namespaces(7)), which
 * has no interface that is up: neither the loopback of this machine nor abstract Unix sockets of others can be reached.
 * Sockets that are already open, such as a client's, still work.
 */
import type { ConfineOutcome } from "./confine-outcome.ts";

/** Confines the calling thread, for good. Requires CAP_SYS_ADMIN, so usually root. */
export function enterPrivateNetwork(): ConfineOutcome {
  throw new Error("not written yet");
}
