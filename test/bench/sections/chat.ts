import { chattingBrood } from "../contestants.ts";
import type { Sizes } from "../options.ts";
import { runLoad } from "../run-load.ts";
import { type Summary, summarize } from "../statistics.ts";
import { figure, type Table } from "../table.ts";
import type { Section } from "./section.ts";

/** Times in ms; CPU time is the master's, per operation. */
export interface ChatResults {
  first: Summary;
  last: Summary;
  who: Summary;
  cpuBroadcast: number;
  cpuWho: number;
}

export async function chat(
  { chat: size }: Sizes,
  signal: AbortSignal,
): Promise<Section<ChatResults>> {
  await using target = await chattingBrood.start(signal);
  const { first, last, who, ...cpu } = await runLoad("chat", { ...size, target }, signal);
  const results = {
    first: summarize(first),
    last: summarize(last),
    who: summarize(who),
    ...cpu,
  };
  return { results, tables: [table(size, results)] };
}

function table(size: Sizes["chat"], results: ChatResults): Table {
  const row = (name: string, { median, p99 }: Summary, cpu: string) => [
    name,
    figure(median),
    figure(p99),
    cpu,
  ];
  return {
    title: `A chat of ${size.clients} processes`,
    about:
      `On \`${chattingBrood.name}\`, all in one room; each operation ${size.rounds} times, one at a time. ` +
      "CPU is the master's.",
    rows: [
      ["", "p50, ms", "p99, ms", "CPU, ms"],
      row("a line to all, at the first reader", results.first, ""),
      row("a line to all, at the last reader", results.last, figure(results.cpuBroadcast)),
      row("who, the names of all", results.who, figure(results.cpuWho)),
    ],
  };
}
