/** Echo on established connections: round trips of small messages, and streams. */
import { type EchoClient, openEcho } from "./echo-client.ts";
import { byName, type Target, within } from "./target.ts";

export interface EchoJob {
  targets: readonly Target[];
  /** How many clients are connected at the same time, in turn. */
  connections: readonly number[];
  rounds: number;
  /** How long each measurement takes. */
  durationMs: number;
}

export interface EchoRates {
  /** Round trips per second, of all clients together. */
  roundTrips: number[];
  /** Bytes per second that came back, of all clients together. */
  bytes: number[];
}

/** Returns, for each number of connections and contestant, the rates of each round. */
export async function echo(job: EchoJob): Promise<Record<string, Record<string, EchoRates>>> {
  const rates = Object.fromEntries(
    job.connections.map((count) => {
      return [String(count), byName<EchoRates>(job.targets, () => ({ roundTrips: [], bytes: [] }))];
    }),
  );
  for (let round = 0; round < job.rounds; round += 1) {
    for (const count of job.connections) {
      for (const target of job.targets) {
        const work = measure(target, count, job.durationMs);
        const { roundTrips, bytes } = await within(
          target,
          `${count} echoes`,
          work,
          2 * job.durationMs,
        );
        rates[count]?.[target.name]?.roundTrips.push(roundTrips);
        rates[count]?.[target.name]?.bytes.push(bytes);
      }
    }
  }
  return rates;
}

async function measure(target: Target, count: number, durationMs: number) {
  const clients: EchoClient[] = [];
  for (let i = 0; i < count; i += 1) clients.push(await openEcho(target));
  await Promise.all(clients.map((client) => client.roundTrips(performance.now()))); // all are served
  const roundTrips = await rate(durationMs, (end) =>
    clients.map((client) => client.roundTrips(end)),
  );
  const bytes = await rate(durationMs, (end) => clients.map((client) => client.stream(end)));
  for (const client of clients) client.close();
  return { roundTrips, bytes };
}

/** Returns what all clients together get done per second, until the last one is done. */
async function rate(durationMs: number, run: (end: number) => Promise<number>[]): Promise<number> {
  const start = performance.now();
  const counts = await Promise.all(run(start + durationMs));
  return counts.reduce((a, b) => a + b, 0) / ((performance.now() - start) / 1000);
}
