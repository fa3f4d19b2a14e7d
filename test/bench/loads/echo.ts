/** Bytes through clients that are there already: messages to and fro, and streams. */
import { type EchoClient, openEcho } from "./echo-client.ts";
import { byName, type Target, within } from "./target.ts";

export interface EchoJob {
  targets: readonly Target[];
  /** How many clients there are at a time. */
  connections: readonly number[];
  rounds: number;
  /** For how long (ms) each is measured. */
  duration: number;
}

export interface EchoRates {
  /** Messages there and back a second, of all clients together. */
  trips: number[];
  /** Bytes that came back a second. */
  bytes: number[];
}

/** For each number of connections and contestant the rates of each round. */
export async function echo(job: EchoJob): Promise<Record<string, Record<string, EchoRates>>> {
  const rates = Object.fromEntries(
    job.connections.map((count) => {
      return [String(count), byName<EchoRates>(job.targets, () => ({ trips: [], bytes: [] }))];
    }),
  );
  for (let round = 0; round < job.rounds; round += 1) {
    for (const count of job.connections) {
      for (const target of job.targets) {
        const work = measure(target, count, job.duration);
        const { trips, bytes } = await within(target, `${count} echoes`, work, 2 * job.duration);
        rates[count]?.[target.name]?.trips.push(trips);
        rates[count]?.[target.name]?.bytes.push(bytes);
      }
    }
  }
  return rates;
}

async function measure(target: Target, count: number, duration: number) {
  const clients: EchoClient[] = [];
  for (let i = 0; i < count; i += 1) clients.push(await openEcho(target));
  await Promise.all(clients.map((client) => client.trips(performance.now()))); // all are served
  const trips = await rate(duration, (end) => clients.map((client) => client.trips(end)));
  const bytes = await rate(duration, (end) => clients.map((client) => client.stream(end)));
  for (const client of clients) client.close();
  return { trips, bytes };
}

/** What all clients together get done a second, until the last of them is done. */
async function rate(duration: number, run: (end: number) => Promise<number>[]): Promise<number> {
  const start = performance.now();
  const counts = await Promise.all(run(start + duration));
  return counts.reduce((a, b) => a + b, 0) / ((performance.now() - start) / 1000);
}
