import { ALL, fork, startAll } from "../contestants.ts";
import type { Sizes } from "../options.ts";
import { runLoad } from "../run-load.ts";
import { type Summary, summarize } from "../statistics.ts";
import { figure, range, ratio } from "../table.ts";
import type { Section } from "./section.ts";

/** By contestant, in ms. */
export type PacedResults = Record<string, Summary>;
const HEAD = ["", "p50", "p99", "p25–p75", `p50 : ${fork.name}`];

export async function paced(
  { paced: size }: Sizes,
  signal: AbortSignal,
): Promise<Section<PacedResults>> {
  await using field = await startAll(ALL, signal);
  const waits = await runLoad("paced", { ...size, targets: field.targets }, signal);
  const results = Object.fromEntries(
    Object.entries(waits).map(([name, values]) => [name, summarize(values)]),
  );
  return { results, tables: [{ ...heading(size), rows: [HEAD, ...rows(results)] }] };
}

function heading({ clients, pauseMs }: Sizes["paced"]) {
  return {
    title: "Connect to first reply",
    about:
      `One client at a time, ${pauseMs} ms after the previous reply: from connecting to the first ` +
      `byte of the reply to \`time\`, in ms. ${clients} clients each.`,
  };
}

function rows(results: PacedResults): string[][] {
  const reference = results[fork.name]?.median;
  return Object.entries(results).map(([name, { p25, median, p75, p99 }]) => {
    return [name, figure(median), figure(p99), range(p25, p75), ratio(median, reference)];
  });
}
