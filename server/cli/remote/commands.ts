/**
 * The commands that query a running server, as data: their help, their arguments
 * and what a shell completes.
 */
import { parseArgs } from "node:util";
import { SORT_KEYS } from "../../../shared/api.ts";
import { HISTORY_REASONS } from "../../../shared/history.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import { badValue, orList, UsageError } from "../../options/usage-error.ts";

export interface RemoteFlag {
  /** A name for its value; undefined if it takes none. */
  value?: string;
  help: string;
  /** All values that it may have. */
  choices?: readonly string[];
}

export interface Command {
  /** What follows the command's name, for its help. */
  operands: string;
  help: string;
  /** More sentences, for the command's own help. */
  details: string;
  flags: Readonly<Record<string, RemoteFlag>>;
}

/** The flags that every command has. */
export const SERVER_FLAGS = {
  url: { value: "URL", help: "URL of the server's page (BROOD_URL, or http://127.0.0.1:65080)" },
  user: { value: "NAME", help: "your name in the log of a server with a password (your login)" },
} satisfies Record<string, RemoteFlag>;

const AS_JSON = { help: "print JSON" } satisfies RemoteFlag;

export const COMMANDS = {
  ps: {
    operands: "",
    help: "list the live children",
    details:
      "CPU% is of one core, MEM is private memory, AGE the time since the client connected, IDLE since it\n" +
      "was last active.",
    flags: {
      filter: {
        value: "TEXT",
        help: "only children whose PID, client, state or command contains TEXT",
      },
      sort: { value: "KEY", help: "sort by this column (since)", choices: SORT_KEYS },
      reverse: { help: "reverse the order" },
      "no-header": { help: "omit the header" },
      json: AS_JSON,
    },
  },
  tree: {
    operands: "",
    help: "print the process tree, as pstree does",
    details: "From the first process down to the server, and everything below it.",
    flags: {
      host: { help: "all processes of the host" },
      pids: { help: "show PIDs, and list identical branches separately" },
      utf8: { help: "draw with Unicode characters" },
      json: AS_JSON,
    },
  },
  kill: {
    operands: "ID|PID…",
    help: "send a signal to children",
    details:
      "A child is named by its session ID, or by its PID as the server lists it at that moment.\n" +
      "The exit status is 1 if a child was not found or, with --wait, did not end.",
    flags: {
      signal: { value: "NAME", help: "signal to send (TERM)", choices: SIGNALS },
      "then-kill": { help: "send KILL after 5 s if the child is still there" },
      wait: { help: "wait for the outcome and print it" },
      json: AS_JSON,
    },
  },
  top: {
    operands: "",
    help: "watch the children live in the terminal",
    details: "Press ? for the keys. With --json, each refresh prints one object, on one line.",
    flags: {
      every: { value: "TIME", help: "refresh interval (2s)" },
      filter: {
        value: "TEXT",
        help: "only children whose PID, client, state or command contains TEXT",
      },
      sort: { value: "KEY", help: "sort by this column (cpu)", choices: SORT_KEYS },
      reverse: { help: "reverse the order" },
      json: { help: "print JSON, one object per line" },
    },
  },
  history: {
    operands: "",
    help: "list live and ended sessions, newest first",
    details: "FIRST is the time to the first reply, MEM the peak memory of the child.",
    flags: {
      address: { value: "TEXT", help: "only sessions whose client address contains TEXT" },
      reason: {
        value: "REASON",
        help: "only sessions that ended for this reason, or are live",
        choices: HISTORY_REASONS,
      },
      since: { value: "TIME", help: "only sessions started within this time (90s, 10m, 2h, 7d)" },
      limit: { value: "N", help: "print at most N sessions (50)" },
      "no-header": { help: "omit the header" },
      json: { help: "print JSON, one session per line" },
    },
  },
  pause: {
    operands: "",
    help: "stop accepting clients until resumed",
    details: "New clients wait in the kernel's queue; live ones stay connected.",
    flags: { json: AS_JSON },
  },
  resume: {
    operands: "",
    help: "accept clients again",
    details: "Clients that have waited since the pause are served.",
    flags: { json: AS_JSON },
  },
  drain: {
    operands: "[TIME]",
    help: "accept no more clients, and stop the server",
    details: "Live clients have TIME to finish (10m unless given; 90s, 2h), then they are ended.",
    flags: { json: AS_JSON },
  },
  completion: {
    operands: "SHELL",
    help: "print the completion script for bash, zsh or fish",
    details:
      'bash: eval "$(brood completion bash)" in ~/.bashrc\n' +
      "zsh: source <(brood completion zsh) in ~/.zshrc, after compinit\n" +
      "fish: brood completion fish | source in ~/.config/fish/config.fish",
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

/**
 * Parses the arguments after the command's name. @throws {UsageError} on an
 * unknown flag or a bad value.
 */
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
    const text = values[flag];
    if (value === undefined) values[flag] = text === true;
    else if (choices !== undefined && typeof text === "string" && !choices.includes(text)) {
      throw badValue(flag, text, orList(choices));
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
