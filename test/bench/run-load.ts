import { join } from "node:path";
import type { Loads } from "./load.ts";

type Job<Name extends keyof Loads> = Parameters<Loads[Name]>[0];
type Result<Name extends keyof Loads> = Awaited<ReturnType<Loads[Name]>>;

/**
 * Runs one job in its own load generator and returns its result.
 * @throws the load generator's error, which names the contestant.
 */
export async function runLoad<Name extends keyof Loads>(
  name: Name,
  job: Job<Name>,
  signal: AbortSignal,
): Promise<Result<Name>> {
  const load = Bun.spawn({
    cmd: [process.execPath, join(import.meta.dir, "load.ts"), name, JSON.stringify(job)],
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  const [result, message, status] = await Promise.all([
    new Response(load.stdout).text(),
    new Response(load.stderr).text(),
    load.exited,
  ]);
  signal.throwIfAborted();
  if (status !== 0) throw new Error(`${name}: ${message.trim()}`);
  return JSON.parse(result) as Result<Name>;
}
