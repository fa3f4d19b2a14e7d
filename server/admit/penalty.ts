/**
 * Shuts out sources whose clients crash their children or block them, as OpenSSH's
 * PerSourcePenalties does. Each offence adds one penalty (ms), and penalties wear off
 * as time passes. A source is shut out while it has more than two left, so a single
 * mishap has no consequences.
 */
import type { EndReason } from "../../shared/outcome.ts";
import { createExpiryMap } from "./expiry-map.ts";

const OFFENCES: readonly EndReason[] = ["crashed", "stuck", "misbehaved", "no first byte"];

const MAX_TOLERATED_PENALTIES = 2;

/** No source is shut out for longer, whatever it did: its address may be given to another host. */
const MAX_SHUT_OUT_MS = 600_000;

/** `penaltyMs` is `--penalty`; 0 turns penalties off. `nowMs` is on any monotonic clock. */
export interface Penalties {
  /** Returns for how long (ms) this source is still shut out; 0 or less if it is not. */
  shutOutMs(source: string, penaltyMs: number, nowMs: number): number;
  /** Adds a penalty if a session of this source ended with an offence. */
  onEnded(source: string, reason: EndReason, penaltyMs: number, nowMs: number): void;
}

export function createPenalties(): Penalties {
  const wornOffAt = createExpiryMap();
  return {
    shutOutMs(source, penaltyMs, nowMs) {
      if (penaltyMs === 0) return 0;
      const leftMs = wornOffAt.get(source) - nowMs;
      return Math.min(leftMs - MAX_TOLERATED_PENALTIES * penaltyMs, MAX_SHUT_OUT_MS);
    },
    onEnded(source, reason, penaltyMs, nowMs) {
      if (penaltyMs === 0 || !OFFENCES.includes(reason)) return;
      const timeMs = Math.max(wornOffAt.get(source), nowMs) + penaltyMs;
      const maxTimeMs = nowMs + MAX_TOLERATED_PENALTIES * penaltyMs + MAX_SHUT_OUT_MS;
      wornOffAt.set(source, Math.min(timeMs, maxTimeMs), nowMs);
    },
  };
}
