/** `npm run soak` in small: the same clients, and also a server with too few places. */
import { expect, test } from "bun:test";
import { brokenPromises } from "./promises.ts";
import { seedOfTest } from "./random.ts";
import { soak } from "./soak.ts";
import { sized } from "../harness/sized.ts";

const PLAN = { clients: sized(250, 10_000), lanes: 16, seed: seedOfTest(), pause: 250 };

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
