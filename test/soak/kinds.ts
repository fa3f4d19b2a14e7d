/** Every kind of client, and its share in percent. */
import { conversing, crowd, halfCloser, slowTyper, wellBehaved } from "./polite.ts";
import type { Random } from "./random.ts";
import { deafReader, junkSender, longLiner, resetter, scanner } from "./rude.ts";
import { killed, stopped } from "./victims.ts";
import type { Visit } from "./client.ts";

const KINDS = {
  "well-behaved": { share: 30, visit: wellBehaved },
  conversing: { share: 16, visit: conversing },
  "half-closers": { share: 10, visit: halfCloser },
  "slow typers": { share: 4, visit: slowTyper },
  resetters: { share: 10, visit: resetter },
  crowds: { share: 2, visit: crowd },
  scanners: { share: 10, visit: scanner },
  "deaf readers": { share: 4, visit: deafReader },
  "junk senders": { share: 4, visit: junkSender },
  "senders of long lines": { share: 2, visit: longLiner },
  "their child killed": { share: 4, visit: killed },
  "their child stopped": { share: 4, visit: stopped },
} satisfies Record<string, { share: number; visit: Visit }>;

export type KindName = keyof typeof KINDS;

export const KIND_NAMES = Object.keys(KINDS) as KindName[];

export function pickKind(random: Random): { name: KindName; visit: Visit } {
  let place = random.below(100);
  const name = KIND_NAMES.find((kind) => (place -= KINDS[kind].share) < 0) ?? "well-behaved";
  return { name, visit: KINDS[name].visit };
}
