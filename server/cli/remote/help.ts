import { COMMANDS, type Command, type CommandName, SERVER_FLAGS } from "./commands.ts";

/** Returns what `brood ps --help` prints. */
export function commandHelp(name: CommandName): string {
  const { operands, help, details, flags }: Command = COMMANDS[name];
  const all: Command["flags"] = { ...flags, ...SERVER_FLAGS };
  const lines = Object.entries(all).map(([flag, { value, help, choices }]) => {
    const left = `  --${flag}${value === undefined ? "" : ` ${value}`}`.padEnd(18);
    return `${left}${help}${choices === undefined ? "" : `: ${choices.join(", ")}`}\n`;
  });
  return `brood ${name} [flags]${operands === "" ? "" : ` ${operands}`}: ${help}.

${details}

${lines.join("")}
If the server's page has a password, set it in BROOD_DASHBOARD_PASSWORD.
`;
}

/** Returns a line for each command. */
export function commandList(): string {
  return Object.entries(COMMANDS)
    .map(([name, { operands, help }]) => `  ${`brood ${name} ${operands}`.padEnd(32)}${help}\n`)
    .join("");
}
