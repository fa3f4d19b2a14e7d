/**
 * As many clients as a contestant can serve: each asks for the time, quits and waits for the end.
 */
import { connect } from "./client.ts";
import { byName, type Target, within } from "./target.ts";

export interface BurstJob {
  targets: readonly Target[];
  /** How many clients connect at the same time, in turn. */
  widths: readonly number[];
  rounds: number;
  /**
   * How long new clients keep connecting in a round, so that slow contestants get fewer of them.
   */
  durationMs: number;
  /** Each client leaves behind a port in TIME_WAIT for a minute. */
  maxClients: number;
}

/**
 * A pause after each round: children exit and spares are replaced, which must
 * not affect the next round.
 */
const REST_MS = 500;

const REQUEST = "time\r\nquit\r\n";
const REPLY = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\r\nquit\r\n$/;

/** Returns, for each width and contestant, the clients per second of each round. */
export async function burst(job: BurstJob): Promise<Record<string, Record<string, number[]>>> {
  const rates = Object.fromEntries(
    job.widths.map((width) => [String(width), byName<number[]>(job.targets, () => [])]),
  );
  for (let round = 0; round < job.rounds; round += 1) {
    for (const width of job.widths) {
      for (const target of job.targets) {
        const work = measure(target, width, job);
        const what = `a burst of ${width} at a time`;
        rates[width]?.[target.name]?.push(await within(target, what, work, job.durationMs));
        await Bun.sleep(REST_MS);
      }
    }
  }
  return rates;
}

async function measure(
  target: Target,
  width: number,
  { durationMs, maxClients }: BurstJob,
): Promise<number> {
  let begun = 0;
  const start = performance.now();
  const lane = async () => {
    do {
      begun += 1;
      await session(target);
    } while (begun < maxClients && performance.now() - start < durationMs);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return begun / ((performance.now() - start) / 1000);
}

async function session(target: Target): Promise<void> {
  const client = await connect(target);
  const text = await client.askLast(REQUEST);
  if (!REPLY.test(text)) throw new Error(`${target.name} replied ${JSON.stringify(text)}.`);
}
