/** What a shell can complete: all commands and flags, from the tables that define them. */
import type { Flag } from "../../../options/flag.ts";
import { FLAGS } from "../../../options/flags.ts";
import { COMMANDS, type Command, type RemoteFlag, SERVER_FLAGS } from "../commands.ts";

export interface CommandCandidate {
  name: string;
  help: string;
  flags: readonly FlagCandidate[];
  /** Its operands: fixed words, or the IDs of the running server's children. */
  operands: readonly string[] | "children";
}

export interface FlagCandidate {
  name: string;
  help: string;
  /** A name for its value; null if it takes none. */
  value: string | null;
  choices: readonly string[];
  /** Its value may be the name of a file. */
  takesFile: boolean;
}

export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

const HELP = candidate("help", { help: "show help" });

/** Returns every command with its flags, in the order of `--help`. */
export function completionCandidates(): CommandCandidate[] {
  const serve: [string, Flag][] = Object.entries(FLAGS);
  return [
    {
      name: "serve",
      help: "serve clients",
      flags: serve.map(([name, { value, help, choices = [], switch: isSwitch = false }]) =>
        candidate(name, { help, choices, ...(isSwitch ? {} : { value }) }),
      ),
      operands: [],
    },
    { name: "client", help: "the tutorial's client", flags: [], operands: [] },
    { name: "fork-example", help: "the tutorial's first example", flags: [], operands: [] },
    ...Object.entries(COMMANDS).map(([name, command]: [string, Command]) => ({
      name,
      help: command.help,
      flags: Object.entries({ ...command.flags, ...SERVER_FLAGS }).map(([flag, description]) =>
        candidate(flag, description),
      ),
      operands: name === "kill" ? ("children" as const) : name === "completion" ? SHELLS : [],
    })),
  ].map((command) => ({ ...command, flags: [...command.flags, HELP] }));
}

function candidate(name: string, { value, help, choices = [] }: RemoteFlag): FlagCandidate {
  const takesFile = value !== undefined && /\b(FILE|DIR)\b/.test(value);
  return { name, help, value: value ?? null, choices, takesFile };
}
