import { echoFloor, ECHOING, startAll } from "../contestants.ts";
import type { EchoRates } from "../loads/echo.ts";
import type { Sizes } from "../options.ts";
import { runLoad } from "../run-load.ts";
import { type Summary, summarize } from "../statistics.ts";
import { figure, range, ratio, type Table } from "../table.ts";
import type { Section } from "./section.ts";

/** By number of connections and contestant. */
export type EchoResults = Record<string, Record<string, { roundTrips: Summary; bytes: Summary }>>;
const HEAD = [
  "",
  "round trips/s",
  `: ${echoFloor.name}`,
  "MB/s there and back",
  `: ${echoFloor.name}`,
];

export async function echo(
  { echo: size }: Sizes,
  signal: AbortSignal,
): Promise<Section<EchoResults>> {
  await using field = await startAll(ECHOING, signal);
  const rates = await runLoad("echo", { ...size, targets: field.targets }, signal);
  const results: EchoResults = {};
  for (const [count, byName] of Object.entries(rates)) {
    results[count] = Object.fromEntries(
      Object.entries(byName).map(([name, each]) => [name, summarizeBoth(each)]),
    );
  }
  return { results, tables: Object.entries(results).map(([count, each]) => table(count, each)) };

  function table(count: string, each: EchoResults[string]): Table {
    return {
      title: `Echo, ${count === "1" ? "one client" : `${count} clients`}`,
      about:
        "Round trips of 64-byte messages, one at a time per client, and a stream of 64 kB " +
        "writes that is echoed in full. All clients together; median (minimum–maximum) of " +
        `${size.rounds} rounds of ${size.durationMs} ms.`,
      rows: [HEAD, ...rows(each)],
    };
  }
}

function summarizeBoth({ roundTrips, bytes }: EchoRates) {
  return { roundTrips: summarize(roundTrips), bytes: summarize(bytes) };
}

function rows(results: EchoResults[string]): string[][] {
  const floor = results[echoFloor.name];
  return Object.entries(results).map(([name, { roundTrips, bytes }]) => [
    name,
    cell(roundTrips, 1),
    ratio(roundTrips.median, floor?.roundTrips.median),
    cell(bytes, 1e6),
    ratio(bytes.median, floor?.bytes.median),
  ]);
}

function cell({ median, min, max }: Summary, unit: number): string {
  return `${figure(median / unit)} (${range(min / unit, max / unit)})`;
}
