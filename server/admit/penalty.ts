import { createExpiryMap } from "./expiry-map.ts";
import type { EndReason } from "../../shared/outcome.ts";

const OFFENCES: readonly EndReason[] = ["crashed", "stuck", "misbehaved", "no first byte"];

/** Penalties that are borne with. */
const BORNE = 2;

/** However much it did, a source is not shut out for longer (ms): an address may change hands. */
const LONGEST = 600_000;

export interface Penalties {
  /** Milliseconds for which this source is still shut out; 0 or less: it is not. */
  shutOut(source: string, penalty: number, now: number): number;
  /** A session of this source has ended so. */
  ended(source: string, reason: EndReason, penalty: number, now: number): void;
}

export function createPenalties(): Penalties {
  const workedOffAt = createExpiryMap();
  return {
    shutOut: (source, penalty, now) =>
      penalty === 0 ? 0 : Math.min(workedOffAt.get(source) - now - BORNE * penalty, LONGEST),
    ended(source, reason, penalty, now) {
      if (penalty === 0 || !OFFENCES.includes(reason)) return;
      const until = Math.max(workedOffAt.get(source), now) + penalty;
      workedOffAt.set(source, Math.min(until, now + BORNE * penalty + LONGEST), now);
    },
  };
}
