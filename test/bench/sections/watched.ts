import { watchedBrood } from "../contestants.ts";
import type { WatchedMeasurement } from "../loads/watched.ts";
import { checkLimits } from "../machine.ts";
import type { Sizes } from "../options.ts";
import { runLoad } from "../run-load.ts";
import { median, summarize } from "../statistics.ts";
import { figure, range, type Table } from "../table.ts";
import type { Section } from "./section.ts";

/** Medians of all rounds; CPU as a share of one core. */
export interface WatchedResults {
  pages: number;
  cpu: number;
  /** Of each round. */
  cpus: number[];
  clientsPerSecond: number;
  firstReplyMs: number;
  /** Sent to one page on average, per second. */
  messages: number;
  bytes: number;
  /** Sent to the busiest page, per second. */
  maxBytes: number;
}

/**
 * Ten pages, each with a different view: other rows, another order, another
 * tree, another refresh rate.
 */
function pageQueries(master: number): string[] {
  return [
    "",
    "?sort=cpu&dir=desc",
    "?sort=memory&dir=desc&rows=200",
    "?dir=desc",
    "?sort=idle&from=2001",
    "?filter=127.0.0.1:4",
    "?filter=serving&sort=in&dir=desc",
    "?scope=host&charset=utf8",
    `?open=${master}.server`,
    "?compact=0&every=2&cols=client,source,reply,state",
  ];
}

export async function watched(
  { watched: size }: Sizes,
  signal: AbortSignal,
): Promise<Section<WatchedResults[]>> {
  checkLimits(size.clients);
  await using target = await watchedBrood.start(signal);
  if (target.page === null) throw new Error(`${target.name} has no page.`);
  const views = pageQueries(target.pid);
  const measured = await runLoad("watched", { ...size, target, page: target.page, views }, signal);
  const byPages = Map.groupBy(measured, ({ pages }) => pages);
  const results = Array.from(byPages.values(), summarizeRounds);
  return { results, tables: [table(size, results)] };
}

function summarizeRounds(rounds: readonly WatchedMeasurement[]): WatchedResults {
  const pages = rounds[0]?.pages ?? 0;
  const cpus = rounds.map(({ cpu }) => cpu);
  const sent = rounds.flatMap((round) => round.sent);
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return {
    pages,
    cpu: median(cpus),
    cpus,
    clientsPerSecond: median(rounds.map(({ clientsPerSecond }) => clientsPerSecond)),
    firstReplyMs: summarize(rounds.flatMap(({ firstReplyMs }) => firstReplyMs)).median,
    messages: mean(sent.map(({ messages }) => messages)),
    bytes: mean(sent.map(({ bytes }) => bytes)),
    maxBytes: Math.max(0, ...sent.map(({ bytes }) => bytes)),
  };
}

function table(size: Sizes["watched"], results: readonly WatchedResults[]): Table {
  const clients = size.clients.toLocaleString("en");
  const row = (name: string, value: (each: WatchedResults) => string) => [
    name,
    ...results.map(value),
  ];
  const cost = (results.find(({ pages }) => pages > 0)?.cpu ?? 0) - (results[0]?.cpu ?? 0);
  return {
    title: `Pages on ${clients} clients, of which ${size.rate} come and go each second`,
    about:
      `On \`${watchedBrood.name}\`; each page has a different view. CPU over ${size.durationMs / 1000} s, ` +
      `median (minimum–maximum) of ${size.rounds} rounds, alternating with and without pages. All pages ` +
      `together cost ${figure(100 * cost)} % of one core.`,
    rows: [
      row("", ({ pages }) => (pages === 0 ? "no page open" : `${pages} pages open`)),
      row("master's CPU, % of one core", ({ cpu, cpus }) => {
        return `${figure(100 * cpu)} (${range(100 * Math.min(...cpus), 100 * Math.max(...cpus))})`;
      }),
      row("new clients per second", ({ clientsPerSecond }) => figure(clientsPerSecond)),
      row("a new client's first reply, p50, ms", ({ firstReplyMs }) => figure(firstReplyMs)),
      row("messages to each page, per second", ({ messages }) => figure(messages)),
      row("sent to each page, kB/s", ({ bytes }) => figure(bytes / 1000)),
      row("sent to the busiest page, kB/s", ({ maxBytes }) => figure(maxBytes / 1000)),
    ],
  };
}
