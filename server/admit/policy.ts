/**
 * Decides whether a client gets a child, from the lists, the limits and the live sessions. Pure.
 */
import type { RefuseReason } from "../../shared/outcome.ts";
import type { Limits } from "../options/options.ts";
import { isIn } from "../options/source.ts";

/** What is known about a client and its source. */
export interface Candidate {
  remoteAddress: string;
  /** For how long its source is still shut out; 0 or less if it is not. */
  shutOutMs: number;
  /** How long until the rate admits another client from its source; 0 or less if it does now. */
  rateWaitMs: number;
  /** Live clients from its source. */
  liveFromSource: number;
  /** All live clients. */
  live: number;
}

/** Returns the first reason to refuse the client, or null to admit it. */
export function admit(client: Candidate, limits: Limits): RefuseReason | null {
  const { allow, deny } = limits;
  if (isIn(deny, client.remoteAddress)) return "address not allowed";
  if (allow.length > 0 && !isIn(allow, client.remoteAddress)) return "address not allowed";
  if (client.shutOutMs > 0) return "source is penalized";
  if (client.rateWaitMs > 0) return "too many new clients from this source";
  if (client.liveFromSource >= limits.maxPerSource) return "too many clients from this source";
  if (client.live >= limits.maxClients) return "too many clients";
  return null;
}

/** Returns true for reasons that pass with time: with `--refuse wait` such clients wait. */
export function isTemporary(reason: RefuseReason): boolean {
  return (
    reason === "too many new clients from this source" ||
    reason === "too many clients from this source" ||
    reason === "too many clients"
  );
}
