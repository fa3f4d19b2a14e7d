import { environmentName, FLAGS } from "../options/flags.ts";
import { commandList } from "./remote/help.ts";

/** Flags longer than this have their help further to the right. */
const FLAG_COLUMN_CHARS = 36;

/** Returns what `--help` prints. */
export function helpText(): string {
  const flags = Object.entries(FLAGS).map(([name, { value, fallback, help }]) => {
    const left = `  --${name} ${value}`.trimEnd().padEnd(FLAG_COLUMN_CHARS);
    return `${left}${help}${fallback === "" ? "" : ` (${fallback})`}\n`;
  });
  return `brood: a TCP server that gives each client its own process, with a web page to watch them.

  brood serve [flags]             serve clients
  brood client [HOST PORT]        run the tutorial's client
  brood fork-example              run the tutorial's first example: two processes that count

Commands for a running server; each has its own --help:

${commandList()}
brood is the executable that npm run build makes. Without it, in this directory: npm run -s brood -- COMMAND.

Flags of serve, with their defaults:

${flags.join("")}
Each flag is also an environment variable: --max-clients is ${environmentName("max-clients")}.
`;
}
