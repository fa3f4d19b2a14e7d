/** What a user starts: `brood serve`, `brood client`, `brood fork-example`. */
import { runClient } from "./client.ts";
import { readConfig } from "./config.ts";
import { UsageError } from "./usage-error.ts";
import { forkExample } from "./fork-example.ts";
import { helpText } from "./help.ts";
import { serve } from "./serve.ts";

const [command = "serve", ...rest] = process.argv.slice(2);
process.exitCode = await run(command, rest);

async function run(command: string, args: string[]): Promise<number> {
  try {
    if (command === "--help" || args.includes("--help")) return print(helpText());
    switch (command) {
      case "serve":
        return await serve(() => readConfig(args, process.env));
      case "client":
        return await runClient(args);
      case "fork-example":
        return await forkExample();
      default:
        throw new UsageError(`${command}: no such command. Try --help.`);
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`brood: ${error.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}
