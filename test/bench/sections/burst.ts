import { ALL, fork, startAll } from "../contestants.ts";
import type { Sizes } from "../options.ts";
import { runLoad } from "../run-load.ts";
import { type Summary, summarize } from "../statistics.ts";
import { figure, range, ratio } from "../table.ts";
import type { Section } from "./section.ts";

/** Clients per second, by number of concurrent clients and contestant. */
export type BurstResults = Record<string, Record<string, Summary>>;

export async function burst(
  { burst: size }: Sizes,
  signal: AbortSignal,
): Promise<Section<BurstResults>> {
  await using field = await startAll(ALL, signal);
  const rates = await runLoad("burst", { ...size, targets: field.targets }, signal);
  const results = Object.fromEntries(
    Object.entries(rates).map(([width, byName]) => {
      const summaries = Object.entries(byName).map(([name, rounds]) => [name, summarize(rounds)]);
      return [width, Object.fromEntries(summaries) as Record<string, Summary>];
    }),
  );
  const head = ["", ...size.widths.map((width) => `${width} at a time`), `16 : ${fork.name}`];
  return { results, tables: [{ ...heading(size), rows: [head, ...rows(results)] }] };
}

function heading({ rounds, durationMs, maxClients }: Sizes["burst"]) {
  return {
    title: "Clients per second",
    about:
      "Each client connects, sends `time` and `quit`, and reads to the end; as soon as one " +
      `ends, the next one connects. Median (minimum–maximum) of ${rounds} rounds of ${durationMs} ms or ` +
      `${maxClients.toLocaleString("en")} clients.`,
  };
}

function rows(results: BurstResults): string[][] {
  const widths = Object.values(results);
  const reference = results["16"]?.[fork.name]?.median;
  return ALL.map(({ name }) => {
    const rate = results["16"]?.[name]?.median ?? Number.NaN;
    return [name, ...widths.map((byName) => cell(byName[name])), ratio(rate, reference)];
  });
}

function cell(summary: Summary | undefined): string {
  if (summary === undefined) return "–";
  return `${figure(summary.median)} (${range(summary.min, summary.max)})`;
}
