/** One soak: its own server, many clients, and everything that was observed. */
import { inLanes } from "../bench/loads/target.ts";
import { descriptors } from "../harness/processes.ts";
import { type Server, startServer } from "../harness/server.ts";
import { until, untilStill } from "../harness/until.ts";
import { type Journal, keepJournal } from "./journal.ts";
import { type KindName, pickKind } from "./kinds.ts";
import { halfCloser } from "./polite.ts";
import { type Random, random } from "./random.ts";
import { readStatus, type Sample, type Status, takeSample } from "./samples.ts";
import type { Finding, Visit } from "./client.ts";
import { openWire, type Wire } from "./wire.ts";

export interface Plan {
  clients: number;
  /** Clients at a time. */
  lanes: number;
  seed: number;
  spares: number;
  maxClients: number;
  /** The time between two samples, in ms. */
  pause: number;
}

export interface Run {
  plan: Plan;
  visits: readonly Visited[];
  samples: readonly Sample[];
  /** How long all clients took, in ms. */
  ms: number;
  /** The master's open descriptors when it had warmed up and had no clients, and at the end. */
  descriptors: { first: number; last: number };
  /** The master's counters at the end. */
  status: Status;
  journal: Journal;
  exitCode: number;
}

/** A visit that has ended. */
export type Visited = Finding & { kind: KindName; index: number };

/**
 * Clients before anything is measured: afterwards everything is open that the master opens once.
 */
const WARM_UP_CLIENTS = 100;

export async function soak(
  plan: Plan,
  onSample: (sample: Sample) => void = () => {},
  interrupt?: AbortSignal,
): Promise<Run> {
  const { spares, maxClients } = plan;
  const journal = keepJournal();
  const flags = { spares, maxClients, maxPerSource: maxClients };
  const server = await startServer(flags, { takeLog: journal.take });
  try {
    return await besiege(server, journal, plan, onSample, interrupt);
  } catch (error) {
    // The first error is the one to report.
    await server.stop().catch(() => {});
    throw error;
  }
}

async function besiege(
  server: Server,
  journal: Journal,
  plan: Plan,
  onSample: (sample: Sample) => void,
  interrupt: AbortSignal | undefined,
): Promise<Run> {
  const { clients, lanes, seed } = plan;
  await inLanes(WARM_UP_CLIENTS, lanes, () => pay(halfCloser, random(seed), server, journal));
  await isAtRest(server, journal);
  const first = await untilStill(() => descriptors(server.pid).length, "the master's descriptors");

  const visits: Visited[] = [];
  let begun = 0;
  let enough = false;
  const start = performance.now();
  const coming = inLanes(clients, lanes, async () => {
    if (enough || interrupt?.aborted === true) return;
    const index = (begun += 1);
    const chance = random(seed, index);
    const { name: kind, visit } = pickKind(chance);
    visits.push({ ...(await pay(visit, chance, server, journal)), kind, index });
  });
  const samples = await sampleUntil(coming, plan.pause, async () => {
    const sample = await takeSample(server, visits.length);
    onSample(sample);
    return sample;
  }).catch((error: unknown) => {
    enough = true;
    throw error;
  });
  const ms = performance.now() - start;

  await isAtRest(server, journal);
  await settles(() => descriptors(server.pid).length <= first);
  const last = descriptors(server.pid).length;
  samples.push(await takeSample(server, visits.length));
  const status = await readStatus(server.url);
  const exitCode = await server.stop();
  const run = { plan, visits, samples, ms, status, journal, exitCode };
  return { ...run, descriptors: { first, last } };
}

/**
 * Runs one client's visit. Whatever it opened is closed afterwards; an error
 * it throws counts as a loss.
 */
async function pay(
  visit: Visit,
  chance: Random,
  { port }: Server,
  journal: Journal,
): Promise<Finding> {
  const wires: Wire[] = [];
  async function open(): Promise<Wire> {
    const wire = await openWire(port);
    wires.push(wire);
    return wire;
  }
  try {
    return await visit({ random: chance, journal, open });
  } catch (error) {
    return { verdict: "lost", replies: 0, what: String(error) };
  } finally {
    for (const wire of wires) wire.close();
  }
}

/** Takes samples until all clients have left. */
async function sampleUntil(
  coming: Promise<void>,
  pause: number,
  sample: () => Promise<Sample>,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  let over = false;
  const end = coming.finally(() => (over = true));
  while (!over) {
    samples.push(await sample());
    await Promise.race([end, Bun.sleep(pause)]);
  }
  await end;
  return samples;
}

/**
 * Waits until no client is served and the log says so. If that does not
 * happen, the promises report it.
 */
async function isAtRest(server: Server, { counts }: Journal): Promise<void> {
  await settles(async () => {
    const { live, accepted, waiting } = await readStatus(server.url);
    return live === 0 && waiting === 0 && counts.ended === accepted;
  });
}

/** Waits until the condition holds, or for the deadline. */
async function settles(condition: () => boolean | Promise<boolean>): Promise<void> {
  await until(condition, "at rest").catch(() => {});
}
