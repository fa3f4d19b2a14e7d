/**
 * The benchmark: `npm run bench`. brood and other servers with a process per client get the same
 * loads in turn, so that a noisy machine affects all of them alike. It measures and never judges.
 *
 *     --only paced,burst,…               only these: paced, burst, echo, memory, many, chat, watched, scaling
 *     --quick                               a little of each, to check that everything works
 *     --many N                              the number of idle clients (2000)
 *     --watched N                           the number of clients while pages are open (5000)
 *     --json FILE                           where to write the figures (dist/bench.json)
 *     --chart FILE                          where to draw them as SVG; needs paced and burst
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { build } from "./build.ts";
import { drawChart } from "./chart.tsx";
import { describeMachine } from "./machine.ts";
import { type Options, parseOptions } from "./options.ts";
import { burst } from "./sections/burst.ts";
import { chat } from "./sections/chat.ts";
import { echo } from "./sections/echo.ts";
import { many } from "./sections/many.ts";
import { memory } from "./sections/memory.ts";
import { paced } from "./sections/paced.ts";
import { scaling } from "./sections/scaling.ts";
import type { Section } from "./sections/section.ts";
import { watched } from "./sections/watched.ts";
import { markdown } from "./table.ts";

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupt.abort(new Error(`ended by ${signal}`)));
}

try {
  await run(parseOptions(process.argv.slice(2)), interrupt.signal);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run({ only, sizes, json, chart }: Options, signal: AbortSignal): Promise<void> {
  await build(signal);
  const machine = describeMachine();
  console.log(`${machine}.\nThe load generator runs on the same cores.\n`);

  const measure = async <R>(section: Promise<Section<R>>): Promise<R> => {
    const { results, tables } = await section;
    for (const table of tables) console.log(markdown(table));
    return results;
  };
  const has = (name: Options["only"][number]) => only.includes(name);
  const found = {
    paced: has("paced") ? await measure(paced(sizes, signal)) : null,
    burst: has("burst") ? await measure(burst(sizes, signal)) : null,
    echo: has("echo") ? await measure(echo(sizes, signal)) : null,
    memory: has("memory") ? await measure(memory(sizes, signal)) : null,
    many: has("many") ? await measure(many(sizes, signal)) : null,
    chat: has("chat") ? await measure(chat(sizes, signal)) : null,
    watched: has("watched") ? await measure(watched(sizes, signal)) : null,
    scaling: has("scaling") ? await measure(scaling(sizes)) : null,
  };

  write(json, `${JSON.stringify({ machine, sizes, ...found }, null, 2)}\n`);
  if (chart !== null && found.paced !== null && found.burst !== null) {
    write(chart, drawChart(found.paced, found.burst));
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
