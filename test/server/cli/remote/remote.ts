/** Runs brood's commands against a server. */
import { brood, type Outcome, run } from "../../../harness/run.ts";
import type { Server } from "../../../harness/server.ts";

/** Runs `brood COMMAND ARGS…` for this server. */
export async function command(
  server: Pick<Server, "url">,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  return run(brood(...args), { env: { BROOD_URL: server.url, ...env } });
}

/** The same for a command that must succeed. Returns what it printed. */
export async function printed(
  server: Pick<Server, "url">,
  args: readonly string[],
): Promise<string> {
  const { stdout, stderr, exitCode } = await command(server, args);
  if (exitCode !== 0 || stderr !== "") throw new Error(`${args.join(" ")}: ${exitCode}, ${stderr}`);
  return stdout;
}

/** Splits each line into its fields. */
export function fields(text: string): string[][] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.trim().split(/ {2,}/));
}
