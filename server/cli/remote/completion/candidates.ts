/** What a shell may complete, made of the commands and flags that there are. */
import { FLAGS } from "../../../options/flags.ts";
import { COMMANDS, type Command, type RemoteFlag, SERVER_FLAGS } from "../commands.ts";
import type { Flag } from "../../../options/flag.ts";

export interface CommandCandidate {
  name: string;
  help: string;
  flags: readonly FlagCandidate[];
  /** What may follow it that is no flag: words, or the children of the running server. */
  operands: readonly string[] | "children";
}

export interface FlagCandidate {
  name: string;
  help: string;
  /** What it takes; null: nothing. */
  value: string | null;
  choices: readonly string[];
  files: boolean;
}

export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

export function completionCandidates(): CommandCandidate[] {
  const serve: [string, Flag][] = Object.entries(FLAGS);
  return [
    {
      name: "serve",
      help: "serve clients",
      flags: serve.map(([name, { value, help, choices = [], switch: isSwitch = false }]) =>
        flag(name, { help, choices, ...(isSwitch ? {} : { value }) }),
      ),
      operands: [],
    },
    { name: "client", help: "the tutorial's client", flags: [], operands: [] },
    { name: "fork-example", help: "the tutorial's first example", flags: [], operands: [] },
    ...Object.entries(COMMANDS).map(([name, command]: [string, Command]) => ({
      name,
      help: command.help,
      flags: Object.entries({ ...command.flags, ...SERVER_FLAGS }).map(([name, one]) =>
        flag(name, one),
      ),
      operands: name === "kill" ? ("children" as const) : name === "completion" ? SHELLS : [],
    })),
  ].map((command) => ({ ...command, flags: [...command.flags, HELP] }));
}

const HELP = flag("help", { help: "say what there is" });

function flag(name: string, { value, help, choices = [] }: RemoteFlag): FlagCandidate {
  const files = value !== undefined && /\b(FILE|DIR)\b/.test(value);
  return { name, help, value: value ?? null, choices, files };
}
