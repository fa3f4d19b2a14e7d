/**
 * Many polite and rude clients for a long time: `npm run soak`. The first half goes to a server
 * without spares, the second to one with spares. Clients send requests in pieces, disconnect,
 * flood, scan, send junk and type slowly, and some of their children are killed or stopped.
 * Meanwhile samples check that the master's counters add up and that it keeps nothing of clients
 * that have left. The same seed produces the same clients. It ends with a table; the exit status is
 * 1 if a promise was broken.
 *
 *     --clients N        in total (20000)
 *     --at-a-time N      (24)
 *     --max-clients N    the server's limit (200); clients beyond it are refused
 *     --spares N         in the second half (8)
 *     --seed N           (random)
 */
import { markdown } from "../bench/table.ts";
import { figures } from "./figures.ts";
import { type Options, parseOptions } from "./options.ts";
import { brokenPromises, type Growth } from "./promises.ts";
import type { Sample } from "./samples.ts";
import { type Run, soak } from "./soak.ts";

/** The time between two samples. */
const SAMPLE_INTERVAL_MS = 1000;

/** One in this many samples is printed. */
const SAMPLES_PER_LINE = 10;

/**
 * Allows for the steps in which Bun's heap grows and shrinks: of 100,000 clients
 * each may leave 500 bytes.
 */
const GROWTH: Growth = { factor: 1.15, slack: 8e6 };

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupt.abort());
}

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`soak: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
process.exit(); // some clients may still be waiting

async function main({ clients, spares, ...rest }: Options): Promise<void> {
  console.log(`soak: ${clients.toLocaleString("en")} clients, --seed ${rest.seed}`);
  const runs: Run[] = [];
  for (const kept of spares) {
    const plan = {
      ...rest,
      clients: Math.ceil(clients / 2),
      spares: kept,
      pause: SAMPLE_INTERVAL_MS,
    };
    runs.push(await soak(plan, progress(kept), interrupt.signal));
  }
  console.log(`\n${markdown(figures(runs))}`);

  const broken = runs.flatMap((run) =>
    brokenPromises(run, GROWTH).map((promise) => `--spares ${run.plan.spares}: ${promise}`),
  );
  for (const promise of broken) console.log(`BROKEN  ${promise}`);
  if (interrupt.signal.aborted) throw new Error("interrupted: the results are incomplete.");
  if (broken.length > 0) throw new Error(`${broken.length} promises were broken.`);
  console.log("All promises were kept.");
}

function progress(spares: number): (sample: Sample) => void {
  let samples = 0;
  return ({ clients, memory, descriptors }) => {
    samples += 1;
    if (samples % SAMPLES_PER_LINE !== 0) return;
    const megabytes = (memory / 1e6).toFixed(1);
    const count = clients.toLocaleString("en");
    console.log(
      `--spares ${spares}: ${count} clients, master ${megabytes} MB, ${descriptors} descriptors`,
    );
  };
}
