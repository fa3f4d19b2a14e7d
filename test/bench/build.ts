import { ROOT } from "../harness/run.ts";

/** Builds the brood that is measured, unless BENCH_BROOD names another. */
export async function build(signal: AbortSignal): Promise<void> {
  if (process.env["BENCH_BROOD"] !== undefined) return;
  const building = Bun.spawn({
    cmd: [process.execPath, "run", "build"],
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
    signal,
  });
  const status = await building.exited;
  signal.throwIfAborted();
  if (status !== 0) throw new Error(`npm run build exited with status ${status}.`);
}
