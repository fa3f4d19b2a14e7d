/** `brood top`: watches the children live, in the terminal or as JSON. */
import { parseDuration } from "../../options/parse.ts";
import { badValue } from "../../options/usage-error.ts";
import type { ListOptions } from "./children.ts";
import { parseCommand } from "./commands.ts";
import { printError, printJson } from "./print.ts";
import { type Environment, openRemote, type Remote } from "./request.ts";
import { takeSample } from "./top-sample.ts";
import { runTopScreen } from "./top-screen.ts";
import { initialTop } from "./top-state.ts";

/** A sample that takes longer has failed. */
const SAMPLE_TIMEOUT_MS = 5000;

/** Sampling more often would cost the server more than it is worth. */
const MIN_INTERVAL_MS = 200;

export async function top(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseCommand("top", args);
  const every = values.every ?? "2s";
  const intervalMs = parseDuration("every", every);
  if (intervalMs < MIN_INTERVAL_MS) {
    throw badValue("every", every, `a time of at least ${MIN_INTERVAL_MS}ms`);
  }
  const { sort = "cpu", reverse, filter = "" } = values;
  const end = new AbortController();
  const forSamples = openRemote(values, environment, {
    timeoutMs: SAMPLE_TIMEOUT_MS,
    signal: end.signal,
  });
  if (values.json) return printSamples(forSamples, { sort, reverse, filter }, intervalMs);
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new Error("top needs a terminal. Try top --json, or ps.");
  }
  // Taken before the screen is opened, so that an error is printed as by any other command.
  const sample = await takeSample(forSamples, { sort, reverse, filter });
  const forKills = openRemote(values, environment, { signal: end.signal });
  const initial = initialTop({ sort, reverse, filter, sample });
  try {
    await runTopScreen({ forSamples, forKills }, initial, intervalMs);
  } finally {
    end.abort();
  }
  return 0;
}

/** Prints a sample per line, forever. An outage is reported once, on stderr. */
async function printSamples(
  remote: Remote,
  view: ListOptions,
  intervalMs: number,
): Promise<number> {
  printJson(await takeSample(remote, view));
  let isOut = false;
  for (;;) {
    await Bun.sleep(intervalMs);
    try {
      printJson(await takeSample(remote, view));
      isOut = false;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!isOut) printError(error.message);
      isOut = true;
    }
  }
}
