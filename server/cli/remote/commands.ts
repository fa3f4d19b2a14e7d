/** The commands that ask a running server, as data: their help, their arguments and what a shell completes. */
import { parseArgs } from "node:util";
import { SORT_KEYS } from "../../../shared/api.ts";
import { HISTORY_REASONS } from "../../../shared/history.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import { badValue, UsageError } from "../../options/usage-error.ts";

export interface RemoteFlag {
  /** What it takes; nothing: it is there or it is not. */
  value?: string;
  help: string;
  /** All that it may be. */
  choices?: readonly string[];
}

export interface Command {
  /** What follows its name. */
  operands: string;
  help: string;
  /** More of it, for its own help. */
  more: string;
  flags: Readonly<Record<string, RemoteFlag>>;
}

/** What each of them takes. */
export const SERVER_FLAGS = {
  url: { value: "URL", help: "the server's page; BROOD_URL (http://127.0.0.1:65080)" },
  user: { value: "NAME", help: "your name in its log, where it has a password (your login)" },
} satisfies Record<string, RemoteFlag>;

const AS_JSON = { help: "print JSON" } satisfies RemoteFlag;

export const COMMANDS = {
  ps: {
    operands: "",
    help: "list the live children",
    more: "CPU is the share of one processor, MEM what a child has of its own, AGE and IDLE since when.",
    flags: {
      filter: { value: "TEXT", help: "those alone whose pid, client, state or command has it" },
      sort: { value: "KEY", help: "by this column (since)", choices: SORT_KEYS },
      reverse: { help: "the other way round" },
      "no-header": { help: "rows alone" },
      json: AS_JSON,
    },
  },
  tree: {
    operands: "",
    help: "print the process tree, as pstree does",
    more: "From the first process down to the server, and all below it.",
    flags: {
      host: { help: "all processes of the host" },
      pids: { help: "with pids, and equal branches one by one" },
      utf8: { help: "draw with Unicode" },
      json: AS_JSON,
    },
  },
  kill: {
    operands: "ID|PID…",
    help: "send a signal to children",
    more:
      "A child is named by the id of its session, or by its pid as the server lists it at that moment.\n" +
      "The status is 1 if one of them was not there or, with --wait, did not end.",
    flags: {
      signal: { value: "NAME", help: "which (TERM)", choices: SIGNALS },
      "then-kill": { help: "after 5 s KILL, if it is still there" },
      wait: { help: "wait and say what became of it" },
      json: AS_JSON,
    },
  },
  top: {
    operands: "",
    help: "watch the children live, in the terminal",
    more: "? shows its keys. With --json it prints one object a line, each time.",
    flags: {
      every: { value: "TIME", help: "look again after so long (2s)" },
      filter: { value: "TEXT", help: "those alone whose pid, client, state or command has it" },
      sort: { value: "KEY", help: "by this column (cpu)", choices: SORT_KEYS },
      reverse: { help: "the other way round" },
      json: { help: "print JSON, one object a line" },
    },
  },
  history: {
    operands: "",
    help: "list sessions, the newest first, ended ones too",
    more: "FIRST is how long the first reply took, MEM the most that a child had in memory at once.",
    flags: {
      address: { value: "TEXT", help: "those alone whose client's address has it" },
      reason: {
        value: "REASON",
        help: "that ended so, or are live",
        choices: HISTORY_REASONS,
      },
      since: { value: "TIME", help: "begun in the last 90s, 10m, 2h or 7d" },
      limit: { value: "N", help: "as many at the most (50)" },
      "no-header": { help: "rows alone" },
      json: { help: "print JSON, a session a line" },
    },
  },
  pause: {
    operands: "",
    help: "let the server accept nobody until it is resumed",
    more: "Clients wait in the kernel's queue; those that are live stay.",
    flags: { json: AS_JSON },
  },
  resume: {
    operands: "",
    help: "let the server accept clients again",
    more: "Whoever has waited since the pause is served.",
    flags: { json: AS_JSON },
  },
  drain: {
    operands: "[TIME]",
    help: "let the server accept nobody more, and end it",
    more: "Live clients may finish for TIME (10m; 90s, 2h), then they are ended.",
    flags: { json: AS_JSON },
  },
  completion: {
    operands: "SHELL",
    help: "print what lets bash, zsh or fish complete brood's commands",
    more:
      'bash: eval "$(brood completion bash)", in ~/.bashrc; zsh: source <(brood completion zsh), in ~/.zshrc\n' +
      "after compinit; fish: brood completion fish | source, in ~/.config/fish/config.fish.",
    flags: {},
  },
} satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

type FlagsOf<Name extends CommandName> = (typeof COMMANDS)[Name]["flags"] & typeof SERVER_FLAGS;

export type Values<Name extends CommandName> = {
  [Flag in keyof FlagsOf<Name>]: FlagsOf<Name>[Flag] extends { choices: readonly (infer Choice)[] }
    ? Choice | undefined
    : FlagsOf<Name>[Flag] extends { value: string }
      ? string | undefined
      : boolean;
};

export interface ParsedCommand<Name extends CommandName> {
  values: Values<Name>;
  operands: readonly string[];
}

/** Takes what follows the command's name. @throws {UsageError} on what it does not know. */
export function parseCommand<Name extends CommandName>(
  name: Name,
  args: readonly string[],
): ParsedCommand<Name> {
  const command: Command = COMMANDS[name];
  const flags: Readonly<Record<string, RemoteFlag>> = { ...command.flags, ...SERVER_FLAGS };
  const options = Object.fromEntries(
    Object.entries(flags).map(([flag, { value }]) => [
      flag,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const { values, positionals } = parse(name, {
    args: [...args],
    options,
    strict: true,
    allowPositionals: command.operands !== "",
  });
  for (const [flag, { value, choices }] of Object.entries(flags)) {
    const given = values[flag];
    if (value === undefined) values[flag] = given === true;
    else if (choices !== undefined && typeof given === "string" && !choices.includes(given)) {
      throw badValue(flag, given, choices.join(", "));
    }
  }
  return { values: values as Values<Name>, operands: positionals };
}

function parse(name: string, config: Parameters<typeof parseArgs>[0]) {
  try {
    return parseArgs(config);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const [first = ""] = cause.message.split(/\.?(?:\n|$)|\. /);
    throw new UsageError(`${first}. Try brood ${name} --help.`, { cause });
  }
}
