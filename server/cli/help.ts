import { environmentName, FLAGS } from "../options/flags.ts";
import { commandList } from "./remote/help.ts";

/** What `--help` prints. */
export function helpText(): string {
  const flags = Object.entries(FLAGS).map(([name, { value, fallback, help }]) => {
    const left = `  --${name} ${value}`.trimEnd().padEnd(36);
    return `${left}${help}${fallback === "" ? "" : ` (${fallback})`}\n`;
  });
  return `brood: a TCP server with a process of its own for each client, and a page to watch them.

  bun start [flags]               serve
  bun run client [HOST PORT]      the tutorial's client
  bun run fork-example            the tutorial's first example: two processes that count

The executable that bun run build makes: brood serve, brood client, brood fork-example; from this
folder, bun run brood COMMAND. Commands that ask a running server, each with its own --help:

${commandList()}
The flags of serve:

${flags.join("")}
Each flag is also an environment variable: --max-clients is ${environmentName("max-clients")}.
`;
}
