/** Who gets a child: decided from the live sessions and the limits, before any process exists. */
import type { RefuseReason } from "../shared/log.ts";

export interface Limits {
  maxClients: number;
  maxPerSource: number;
}

/** Takes the addresses of the live clients and that of the new one; null: it is admitted. */
export function admit(
  live: readonly string[],
  remoteAddress: string,
  limits: Limits,
): RefuseReason | null {
  if (live.length >= limits.maxClients) return "too many clients";
  const sameSource = live.filter((address) => address === remoteAddress).length;
  if (sameSource >= limits.maxPerSource) return "too many clients from this address";
  return null;
}
