import { watchedBrood } from "../contestants.ts";
import type { Measurement } from "../loads/many.ts";
import { checkLimits } from "../machine.ts";
import type { Sizes } from "../options.ts";
import { runLoad } from "../run-load.ts";
import { median, type Summary, summarize } from "../statistics.ts";
import { figure, megabytes, type Table } from "../table.ts";
import type { Section } from "./section.ts";

/** Times in ms; CPU as a share of one core. */
export interface ManyResults {
  pages: number;
  reply: Summary;
  firstReply: Summary;
  cpu: number;
  memoryBytes: number;
  pageBytes: number;
}

export async function many(
  { many: size }: Sizes,
  signal: AbortSignal,
): Promise<Section<ManyResults[]>> {
  checkLimits(size.clients);
  await using target = await watchedBrood.start(signal);
  if (target.page === null) throw new Error(`${target.name} has no page.`);
  const { connectMs, measured } = await runLoad(
    "many",
    { ...size, target, page: target.page },
    signal,
  );
  const byPages = Map.groupBy(measured, ({ pages }) => pages);
  const results = Array.from(byPages.values(), summarizeRounds);
  return { results, tables: [table(size, connectMs, results)] };
}

/** Combines the rounds: all clients together, and the median of what is measured once per round. */
function summarizeRounds(rounds: readonly Measurement[]): ManyResults {
  return {
    pages: rounds[0]?.pages ?? 0,
    reply: summarize(rounds.flatMap(({ replyMs: reply }) => reply)),
    firstReply: summarize(rounds.flatMap(({ firstReplyMs: firstReply }) => firstReply)),
    cpu: median(rounds.map(({ cpu }) => cpu)),
    memoryBytes: median(rounds.map((round) => round.memoryBytes)),
    pageBytes: median(rounds.map(({ pageBytes }) => pageBytes)),
  };
}

function table(size: Sizes["many"], connectMs: number, results: readonly ManyResults[]): Table {
  const clients = size.clients.toLocaleString("en");
  const row = (name: string, value: (each: ManyResults) => string) => [name, ...results.map(value)];
  return {
    title: `${clients} idle clients`,
    about:
      `On \`${watchedBrood.name}\`; they connected within ${(connectMs / 1000).toFixed(1)} s. ` +
      `CPU over ${size.idleMs / 1000} s in which nothing happens; ${size.rounds} rounds, alternating ` +
      "with and without pages.",
    rows: [
      row("", ({ pages }) => (pages === 0 ? "no page open" : `${pages} pages open`)),
      row("reply on an idle connection, p50, ms", ({ reply }) => figure(reply.median)),
      row("the same, p99", ({ reply }) => figure(reply.p99)),
      row("a new client's first reply, p50, ms", ({ firstReply }) => figure(firstReply.median)),
      row("the same, p99", ({ firstReply }) => figure(firstReply.p99)),
      row("master's CPU, % of one core", ({ cpu }) => figure(100 * cpu)),
      row("master's private memory, MB", ({ memoryBytes }) => megabytes(memoryBytes)),
      row("sent to each page, kB/s", ({ pageBytes }) => figure(pageBytes / 1000)),
    ],
  };
}
