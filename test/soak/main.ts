/**
 * Very many clients, good and bad, for a long time: `bun run soak`. A server without spares gets the
 * first half of them, one with spares the other. Clients ask in pieces, break off, flood, scan, send junk
 * and type slowly, and children are killed and stopped under way. Meanwhile it is looked whether the
 * master's counters add up, and whether it keeps anything of those who have gone. The same seed gives the
 * same clients. At the end stands a table; the exit status is 1 if a promise was broken.
 *
 *     --clients N        in all (20000)
 *     --at-a-time N      (24)
 *     --max-clients N    of the server (200): beyond, clients are refused
 *     --spares N         in the second half (8)
 *     --seed N           (another one each time)
 */
import { markdown } from "../bench/table.ts";
import { figures } from "./figures.ts";
import { type Options, parseOptions } from "./options.ts";
import { brokenPromises, type Growth } from "./promises.ts";
import type { Sample } from "./samples.ts";
import { type Run, soak } from "./soak.ts";

/** Between two samples (ms). */
const PAUSE = 1000;

/** Of so many samples one is shown. */
const SHOWN = 10;

/** Room for the steps in which Bun's heap comes and goes; of 100,000 clients each may leave 500 bytes. */
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
process.exit(); // there may be clients that still wait for something

async function main({ clients, spares, ...rest }: Options): Promise<void> {
  console.log(`soak: ${clients.toLocaleString("en")} clients, --seed ${rest.seed}`);
  const runs: Run[] = [];
  for (const kept of spares) {
    const plan = { ...rest, clients: Math.ceil(clients / 2), spares: kept, pause: PAUSE };
    runs.push(await soak(plan, progress(kept), interrupt.signal));
  }
  console.log(`\n${markdown(figures(runs))}`);

  const broken = runs.flatMap((run) =>
    brokenPromises(run, GROWTH).map((promise) => `--spares ${run.plan.spares}: ${promise}`),
  );
  for (const promise of broken) console.log(`BROKEN  ${promise}`);
  if (interrupt.signal.aborted) throw new Error("interrupted: this is not all of it.");
  if (broken.length > 0) throw new Error(`${broken.length} promises broken.`);
  console.log("All promises kept.");
}

function progress(spares: number): (sample: Sample) => void {
  let samples = 0;
  return ({ clients, memory, descriptors }) => {
    samples += 1;
    if (samples % SHOWN !== 0) return;
    const megabytes = (memory / 1e6).toFixed(1);
    const count = clients.toLocaleString("en");
    console.log(
      `--spares ${spares}: ${count} clients, master ${megabytes} MB, ${descriptors} descriptors`,
    );
  };
}
