/**
 * The command line: `brood serve`, `brood client`, `brood ps`, … Each command
 * loads only what it needs.
 */
import { UsageError } from "../options/usage-error.ts";

const [command = "serve", ...rest] = process.argv.slice(2);
process.exitCode = await run(command, rest);

async function run(command: string, args: string[]): Promise<number> {
  try {
    switch (command) {
      case "serve": {
        if (args.includes("--help")) return await help();
        const { withoutHelperThreads } = await import("../master/helper-threads.ts");
        withoutHelperThreads();
        const { serve } = await import("../master/serve.ts");
        const { readConfig } = await import("../options/config.ts");
        const environment = takeEnvironment();
        return await serve(() => readConfig(args, environment));
      }
      case "client": {
        if (args.includes("--help")) return await help();
        const { runClient } = await import("./client.ts");
        return await runClient(args);
      }
      case "fork-example": {
        if (args.includes("--help")) return await help();
        const { forkExample } = await import("./fork-example.ts");
        return await forkExample();
      }
      case "--help":
        return await help();
      default: {
        const { runRemote } = await import("./remote/run.ts");
        return await runRemote(command, args, process.env);
      }
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`brood: ${error.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/**
 * Returns the environment, and removes the passwords from process.env. What this process starts
 * with that does not inherit them; the kernel still shows them in /proc/PID/environ, which
 * protect-master.ts closes to other processes.
 */
function takeEnvironment(): Record<string, string | undefined> {
  const environment = { ...process.env };
  for (const name of ["BROOD_DASHBOARD_PASSWORD", "BROOD_DASHBOARD_WATCH_PASSWORD"]) {
    delete process.env[name];
  }
  return environment;
}

async function help(): Promise<number> {
  const { helpText } = await import("./help.ts");
  process.stdout.write(helpText());
  return 0;
}
