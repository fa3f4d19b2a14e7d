/** Tries at the start whether a child can start: as its user, where it is to run, with its limits and its service. */
import type { Subprocess } from "bun";
import { tmpdir } from "node:os";
import { formatDuration } from "../../shared/format.ts";
import { MODULE_LOADED_STATUS, MODULE_FAILED_STATUS } from "../channel/child-start.ts";
import type { Confinement } from "../confine/confine.ts";
import type { Program } from "./program.ts";
import { describeServing, type Serving } from "../options/serving.ts";
import { UsageError } from "../options/usage-error.ts";

/** A child that takes longer (ms) than this to start is stuck: its module may wait for a database. */
const DEADLINE = 10_000;

/** @throws an error that says what is in the way, before a client meets it. */
export async function probe(
  program: Program,
  serving: Serving,
  { untried, spawn, limiter, descriptors, environment, summary: told }: Confinement,
): Promise<void> {
  if (!untried && serving.kind !== "module") return;
  const { user, group, directory } = told;
  const what = `children cannot run as ${user}:${group} in ${directory}`;
  const service = `--service ${describeServing(serving)}`;
  const hint =
    spawn.uid === undefined ? "" : ` They must be able to reach ${tmpdir()} (TMPDIR), too.`;
  try {
    const child = Bun.spawn({
      ...spawn,
      cmd: [...limiter, ...program.command(), "probe", JSON.stringify({ serving })],
      env: environment,
      stdio: ["ignore", "ignore", "pipe", "ignore", ...descriptors],
      timeout: DEADLINE,
    }) as Subprocess<"ignore", "ignore", "pipe">;
    const said = await new Response(child.stderr).text();
    const exitCode = await child.exited;
    const isModule = serving.kind === "module";
    if (exitCode === (isModule ? MODULE_LOADED_STATUS : 0)) return;
    const lines = said.trim().split("\n");
    // Before that the module may have said something.
    if (exitCode === MODULE_FAILED_STATUS) throw new UsageError(`${service}: ${lines.at(-1)}`);
    if (child.signalCode === "SIGTERM" && isModule) {
      throw new UsageError(`${service}: it is not loaded after ${formatDuration(DEADLINE)}.`);
    }
    if (isModule && said === "" && child.signalCode === null) {
      throw new UsageError(`${service}: it ends its process when it is loaded.`);
    }
    throw new Error(lines[0] || `it ended by ${child.signalCode ?? "itself"}`);
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof UsageError) throw cause;
    throw new Error(`${what}: ${cause.message}.${hint}`, { cause });
  }
}
