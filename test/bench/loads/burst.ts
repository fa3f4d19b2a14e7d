/** As many clients as it can serve: each asks for the time, quits and waits for the end. */
import { connect } from "./client.ts";
import { byName, type Target, within } from "./target.ts";

export interface BurstJob {
  targets: readonly Target[];
  /** How many clients there are at a time. */
  widths: readonly number[];
  rounds: number;
  /** For how long (ms) new clients come in a round; so slow contestants get fewer. */
  duration: number;
  /** Clients in a round at most: each leaves a port behind that waits for a minute. */
  most: number;
}

/** After a round (ms): children end, spares are replaced, and that is no business of the next one. */
const REST = 500;

const REQUEST = "time\r\nquit\r\n";
const REPLY = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\r\nquit\r\n$/;

/** For each width and contestant the clients/s of each round. */
export async function burst(job: BurstJob): Promise<Record<string, Record<string, number[]>>> {
  const rates = Object.fromEntries(
    job.widths.map((width) => [String(width), byName<number[]>(job.targets, () => [])]),
  );
  for (let round = 0; round < job.rounds; round += 1) {
    for (const width of job.widths) {
      for (const target of job.targets) {
        const work = measure(target, width, job);
        const what = `a burst of ${width} at a time`;
        rates[width]?.[target.name]?.push(await within(target, what, work, job.duration));
        await Bun.sleep(REST);
      }
    }
  }
  return rates;
}

async function measure(
  target: Target,
  width: number,
  { duration, most }: BurstJob,
): Promise<number> {
  let begun = 0;
  const start = performance.now();
  const lane = async () => {
    do {
      begun += 1;
      await session(target);
    } while (begun < most && performance.now() - start < duration);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return begun / ((performance.now() - start) / 1000);
}

async function session(target: Target): Promise<void> {
  const client = await connect(target);
  const text = await client.askLast(REQUEST);
  if (!REPLY.test(text)) throw new Error(`${target.name} replied ${JSON.stringify(text)}.`);
}
