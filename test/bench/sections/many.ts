import { watchedBrood } from "../contestants.ts";
import type { Measured } from "../loads/many.ts";
import { checkLimits } from "../machine.ts";
import type { Sizes } from "../options.ts";
import { runLoad } from "../run-load.ts";
import { median, type Summary, summarize } from "../statistics.ts";
import { figure, megabytes, type Table } from "../table.ts";
import type { Section } from "./section.ts";

/** With so many pages open; times in ms, memory in bytes, CPU as a share of one processor. */
export interface ManyResults {
  pages: number;
  trips: Summary;
  newcomers: Summary;
  cpu: number;
  memory: number;
  pageBytes: number;
}

export async function many(
  { many: size }: Sizes,
  signal: AbortSignal,
): Promise<Section<ManyResults[]>> {
  checkLimits(size.clients);
  await using target = await watchedBrood.start(signal);
  if (target.page === null) throw new Error(`${target.name} has no page.`);
  const { opening, measured } = await runLoad(
    "many",
    { ...size, target, page: target.page },
    signal,
  );
  const byPages = Map.groupBy(measured, ({ pages }) => pages);
  const results = Array.from(byPages.values(), summarizeRounds);
  return { results, tables: [table(size, opening, results)] };
}

/** All rounds' clients together; of what there is one figure a round, the median. */
function summarizeRounds(rounds: readonly Measured[]): ManyResults {
  return {
    pages: rounds[0]?.pages ?? 0,
    trips: summarize(rounds.flatMap(({ trips }) => trips)),
    newcomers: summarize(rounds.flatMap(({ newcomers }) => newcomers)),
    cpu: median(rounds.map(({ cpu }) => cpu)),
    memory: median(rounds.map((round) => round.memory)),
    pageBytes: median(rounds.map(({ pageBytes }) => pageBytes)),
  };
}

function table(size: Sizes["many"], opening: number, results: readonly ManyResults[]): Table {
  const clients = size.clients.toLocaleString("en");
  const row = (name: string, value: (each: ManyResults) => string) => [name, ...results.map(value)];
  return {
    title: `${clients} idle clients`,
    about:
      `On \`${watchedBrood.name}\`; they came in ${(opening / 1000).toFixed(1)} s. ` +
      `CPU over ${size.quiet / 1000} s in which nothing happens; ${size.rounds} rounds, with and ` +
      "without pages first in turn.",
    rows: [
      row("", ({ pages }) => (pages === 0 ? "no page open" : `${pages} pages open`)),
      row("reply on an idle connection, p50, ms", ({ trips }) => figure(trips.median)),
      row("the same, p99", ({ trips }) => figure(trips.p99)),
      row("a new client's first reply, p50, ms", ({ newcomers }) => figure(newcomers.median)),
      row("the same, p99", ({ newcomers }) => figure(newcomers.p99)),
      row("master's CPU, % of one core", ({ cpu }) => figure(100 * cpu)),
      row("master's private memory, MB", ({ memory }) => megabytes(memory)),
      row("sent to each page, kB/s", ({ pageBytes }) => figure(pageBytes / 1000)),
    ],
  };
}
