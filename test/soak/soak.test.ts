/** `npm run soak` in small: the same clients, and also a server with too few places. */
import { expect, test } from "bun:test";
import { brokenPromises } from "./promises.ts";
import { type KindName, pickKind } from "./kinds.ts";
import { random, seedOfTest } from "./random.ts";
import { soak } from "./soak.ts";
import { sized } from "../harness/sized.ts";

const CLIENTS = sized(200, 10_000);
const PLAN = { clients: CLIENTS, lanes: 16, seed: eventfulSeed(), pause: 250 };

/** A short run says little about memory: only unlimited growth is found. */
const GROWTH = { factor: 2, slack: 32e6 };

for (const { spares, maxClients } of [
  { spares: 0, maxClients: 200 },
  { spares: 8, maxClients: 12 },
]) {
  test(`with ${spares} spares and room for ${maxClients} no client loses a reply, and nothing remains (seed ${PLAN.seed})`, async () => {
    const run = await soak({ ...PLAN, spares, maxClients });
    expect(brokenPromises(run, GROWTH)).toEqual([]);
    expect(run.visits).toHaveLength(PLAN.clients);
    expect(run.journal.killed.size).toBeGreaterThan(0);
    expect(run.status.refused > 0).toBe(maxClients < PLAN.lanes);
  });
}

/**
 * Returns a seed with some crowds, each of more clients than a small server has room for, and with
 * many clients whose child is killed, of whom some are refused instead.
 */
function eventfulSeed(): number {
  for (let seed = seedOfTest(); ; seed += 1) {
    const kinds = Array.from({ length: CLIENTS }, (_, i) => pickKind(random(seed, i + 1)).name);
    const count = (name: KindName) => kinds.filter((kind) => kind === name).length;
    if (count("crowds") >= 2 && count("their child killed") >= 14) return seed;
  }
}
