import { ROOT } from "../harness/run.ts";

/** Builds what is measured, unless the environment names another brood. */
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
  if (status !== 0) throw new Error(`bun run build ended with exit status ${status}.`);
}
