import { fork, FORKING, startAll } from "../contestants.ts";
import type { Sizes } from "../options.ts";
import { runLoad } from "../run-load.ts";
import { median } from "../statistics.ts";
import { megabytes, ratio } from "../table.ts";
import type { Section } from "./section.ts";

/** The medians of each contestant's children, in bytes. */
export type MemoryResults = Record<
  string,
  { children: number; private: number; proportional: number }
>;
const HEAD = ["", "private", "proportional", `private : ${fork.name}`];

export async function memory(
  { memory: size }: Sizes,
  signal: AbortSignal,
): Promise<Section<MemoryResults>> {
  await using field = await startAll(FORKING, signal);
  const found = await runLoad("memory", { ...size, targets: field.targets }, signal);
  const results: MemoryResults = {};
  for (const [name, children] of Object.entries(found)) {
    results[name] = {
      children: children.length,
      private: median(children.map((child) => child.private)),
      proportional: median(children.map((child) => child.proportional)),
    };
  }
  const about =
    `${size.clients} idle clients after one \`time\` each: the memory of a client's process, including ` +
    "anything below it, in MB; medians. Private memory belongs to the process alone; proportional " +
    "memory adds its share of what it has in common with others.";
  return {
    results,
    tables: [{ title: "Memory of a child", about, rows: [HEAD, ...rows(results)] }],
  };
}

function rows(results: MemoryResults): string[][] {
  const reference = results[fork.name]?.private;
  return Object.entries(results).map(([name, each]) => {
    const [alone, shared] = [megabytes(each.private), megabytes(each.proportional)];
    return [name, alone, shared, ratio(each.private, reference)];
  });
}
