/** Tries at the start whether a child can start: as its user, where it is to run, with its limits. */
import type { Subprocess } from "bun";
import { tmpdir } from "node:os";
import type { Confinement } from "./confine.ts";
import type { Program } from "./program.ts";
import type { Serving } from "./serving.ts";

/** @throws an error that says what is in the way, before a client meets it. */
export async function probe(
  program: Program,
  serving: Serving,
  { untried, spawn, limiter, descriptors, environment, told }: Confinement,
): Promise<void> {
  if (!untried && serving.kind !== "module") return;
  const { user, group, directory } = told;
  const what = `children cannot run as ${user}:${group} in ${directory}`;
  const hint =
    spawn.uid === undefined ? "" : ` They must be able to reach ${tmpdir()} (TMPDIR), too.`;
  try {
    const child = Bun.spawn({
      ...spawn,
      cmd: [...limiter, ...program.command(), "probe", JSON.stringify({ serving })],
      env: environment,
      stdio: ["ignore", "ignore", "pipe", "ignore", ...descriptors],
    }) as Subprocess<"ignore", "ignore", "pipe">;
    const said = await new Response(child.stderr).text();
    if ((await child.exited) === 0) return;
    const [line] = said.trim().split("\n");
    throw new Error(line || `it ended by ${child.signalCode ?? "itself"}`);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new Error(`${what}: ${cause.message}.${hint}`, { cause });
  }
}
