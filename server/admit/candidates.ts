/** Gathers what the policy needs to know about a client, and records what its source has done. */
import type { EndReason } from "../../shared/outcome.ts";
import type { AcceptedClient } from "../accept/accept.ts";
import type { Limits } from "../options/options.ts";
import { sourceOf } from "../options/source.ts";
import { createPenalties } from "./penalty.ts";
import type { Candidate } from "./policy.ts";
import { createRateLimit } from "./rate.ts";

/** How many clients are live now, derived from the session table. */
export interface Occupancy {
  total(): number;
  ofSource(source: string): number;
}

/** `nowMs` is on the clock of `performance.now`. */
export interface Candidates {
  sourceOf(client: AcceptedClient): string;
  candidate(client: AcceptedClient, occupancy: Occupancy, nowMs: number): Candidate;
  /** Counts a client that was admitted against its source's rate. */
  countAdmitted(source: string, nowMs: number): void;
  /** A session of this source has ended. */
  countEnded(source: string, reason: EndReason, nowMs: number): void;
}

/** `limits` returns those in force now. */
export function createCandidates(limits: () => Limits): Candidates {
  const rateLimit = createRateLimit();
  const penalties = createPenalties();
  const sourceOfClient = (client: AcceptedClient) =>
    sourceOf(client.remoteAddress, limits().source);

  return {
    sourceOf: sourceOfClient,
    candidate(client, occupancy, nowMs) {
      const { penaltyMs, rate } = limits();
      const source = sourceOfClient(client);
      return {
        remoteAddress: client.remoteAddress,
        shutOutMs: penalties.shutOutMs(source, penaltyMs, nowMs),
        rateWaitMs: rateLimit.waitMs(source, rate, nowMs),
        liveFromSource: occupancy.ofSource(source),
        live: occupancy.total(),
      };
    },
    countAdmitted: (source, nowMs) => rateLimit.count(source, limits().rate, nowMs),
    countEnded: (source, reason, nowMs) =>
      penalties.onEnded(source, reason, limits().penaltyMs, nowMs),
  };
}
