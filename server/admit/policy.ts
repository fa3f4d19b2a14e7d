import type { Limits } from "../options/options.ts";
import { isIn } from "../options/source.ts";
import type { RefuseReason } from "../../shared/outcome.ts";

/** What is known of a client that has come, and of its source. */
export interface Candidate {
  remoteAddress: string;
  /** Milliseconds for which its source is still shut out; 0 or less: it is not. */
  shutOut: number;
  /** Milliseconds until the rate lets its source come again; 0 or less: now. */
  tooSoon: number;
  /** Live clients of its source, and in all. */
  fromSource: number;
  live: number;
}

/** The first reason to refuse it; null: it is admitted. */
export function admit(client: Candidate, limits: Limits): RefuseReason | null {
  const { allow, deny } = limits;
  if (isIn(deny, client.remoteAddress)) return "address not allowed";
  if (allow.length > 0 && !isIn(allow, client.remoteAddress)) return "address not allowed";
  if (client.shutOut > 0) return "source is penalized";
  if (client.tooSoon > 0) return "too many new clients from this source";
  if (client.fromSource >= limits.maxPerSource) return "too many clients from this source";
  if (client.live >= limits.maxClients) return "too many clients";
  return null;
}

/** Reasons that pass by themselves: with `--refuse wait` such a client waits. */
export function isTemporary(reason: RefuseReason): boolean {
  return (
    reason === "too many new clients from this source" ||
    reason === "too many clients from this source" ||
    reason === "too many clients"
  );
}
