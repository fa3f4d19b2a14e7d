import { COMMANDS, type Command, type CommandName, SERVER_FLAGS } from "./commands.ts";

/** What `brood ps --help` prints. */
export function commandHelp(name: CommandName): string {
  const { operands, help, more, flags }: Command = COMMANDS[name];
  const all: Command["flags"] = { ...flags, ...SERVER_FLAGS };
  const lines = Object.entries(all).map(([flag, { value, help, choices }]) => {
    const left = `  --${flag}${value === undefined ? "" : ` ${value}`}`.padEnd(18);
    return `${left}${help}${choices === undefined ? "" : `: ${choices.join(", ")}`}\n`;
  });
  return `brood ${name} [flags]${operands === "" ? "" : ` ${operands}`}: ${help}.

${more}

${lines.join("")}
The password of the server's page is taken from BROOD_DASHBOARD_PASSWORD.
`;
}

/** A line for each of them. */
export function commandList(): string {
  return Object.entries(COMMANDS)
    .map(([name, { operands, help }]) => `  ${`brood ${name} ${operands}`.padEnd(32)}${help}\n`)
    .join("");
}
