/**
 * Tries at startup whether a child can start: as its user, in its directory, with
 * its limits and its service.
 */
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { formatDuration } from "../../shared/format.ts";
import { describeUser } from "../../shared/describe-log.ts";
import { MODULE_FAILED_STATUS, MODULE_LOADED_STATUS } from "../channel/child-start.ts";
import type { Confinement } from "../confine/confine.ts";
import { describeServing, type Serving } from "../options/serving.ts";
import { UsageError } from "../options/usage-error.ts";
import type { StartProcess } from "./processes.ts";
import type { Program } from "./program.ts";
import { spawnConfined } from "./spawn-confined.ts";

/** A child that takes longer to start is stuck: its module may be waiting for a database. */
const PROBE_TIMEOUT_MS = 10_000;

/** @throws an error that says why children cannot start, before a client finds out */
export async function probe(
  start: StartProcess,
  program: Program,
  serving: Serving,
  confinement: Confinement,
): Promise<void> {
  if (!confinement.needsProbe && serving.kind !== "module") return;
  try {
    const outcome = await runProbe(start, program, serving, confinement);
    const expectedStatus = serving.kind === "module" ? MODULE_LOADED_STATUS : 0;
    if (outcome.exitCode !== expectedStatus) throw probeError(serving, outcome);
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof UsageError) throw cause;
    const { summary } = confinement;
    const places = [...new Set([dirname(program.directory()), tmpdir()])].join(" and ");
    const hint = ` They must be able to reach ${places} (TMPDIR), too.`;
    const what = `children cannot run as ${describeUser(summary)} in ${summary.directory}`;
    throw new Error(`${what}: ${cause.message}.${hint}`, { cause });
  }
}

interface ProbeOutcome {
  exitCode: number | null;
  signal: string | null;
  stderr: string;
}

async function runProbe(
  start: StartProcess,
  program: Program,
  serving: Serving,
  confinement: Confinement,
): Promise<ProbeOutcome> {
  const { descriptors, environment: env } = confinement;
  const cmd = [...program.command("probe"), "probe", JSON.stringify({ serving })];
  const { process, ended } = spawnConfined(confinement, start, {
    cmd,
    env,
    stdio: ["ignore", "ignore", "pipe", "ignore", "ignore", ...descriptors],
  });
  const timeout = setTimeout(() => process.kill("TERM"), PROBE_TIMEOUT_MS);
  const stderr = await new Response(process.outputs[0]).text();
  const [exitCode, signal] = await ended;
  clearTimeout(timeout);
  return { exitCode, signal, stderr };
}

/** Returns a UsageError if the service's module is to blame. */
function probeError(serving: Serving, { exitCode, signal, stderr }: ProbeOutcome): Error {
  const lines = stderr.trim().split("\n");
  const service = `--service ${describeServing(serving)}`;
  // The last line is the error: the module may have printed something before.
  if (exitCode === MODULE_FAILED_STATUS) return new UsageError(`${service}: ${lines.at(-1)}`);
  if (serving.kind === "module" && signal === "SIGTERM") {
    const limit = formatDuration(PROBE_TIMEOUT_MS);
    return new UsageError(`${service}: it has not loaded after ${limit}.`);
  }
  if (serving.kind === "module" && stderr === "" && signal === null) {
    return new UsageError(`${service}: it ends its process while it loads.`);
  }
  return new Error(lines[0] || `the child ended with ${signal ?? `exit status ${exitCode}`}`);
}
