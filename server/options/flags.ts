/**
 * The flags of `serve`, and where their values come from: the command line,
 * the environment or a file.
 */
import { parseArgs } from "node:util";
import { BUILT_INS } from "./built-in-services.ts";
import { CONFINE_FLAGS } from "./confine-flags.ts";
import type { Flag } from "./flag.ts";
import { UsageError } from "./usage-error.ts";

export const LOG_FORMATS = ["pretty", "tutorial", "json"] as const;

/** What children do if their master is killed. */
export const ORPHANS = ["finish", "leave"] as const;

/** Every flag of `serve`, in the order of `--help`. */
export const FLAGS = {
  host: { value: "ADDRESS", fallback: "127.0.0.1", help: "address to accept clients on" },
  port: {
    value: "PORT",
    fallback: "65000",
    help: "port to accept clients on; 0 picks a free one",
  },
  dashboard: {
    value: "HOST:PORT",
    fallback: "127.0.0.1:65080",
    choices: ["off"],
    help: "address of the web page; port 0 picks a free one, off disables the page",
  },
  "dashboard-password": {
    value: "TEXT",
    fallback: "",
    help: "password of the page; required unless it is on loopback; safer in the environment",
  },
  "dashboard-watch-password": {
    value: "TEXT",
    fallback: "",
    help: "second password, for those who may look but change nothing",
  },
  "dashboard-readonly": {
    value: "",
    fallback: "",
    switch: true,
    help: "disable killing, pausing and draining from the page",
  },
  service: {
    value: "NAME|FILE",
    fallback: "time",
    choices: [...BUILT_INS, "chat"],
    help: "what children speak: time, echo, chat, or a module such as ./my.ts",
  },
  exec: {
    value: "COMMAND",
    fallback: "",
    help: "instead of a service, run a program with the client as its stdin and stdout, as inetd does",
  },
  pty: {
    value: "COMMAND",
    fallback: "",
    help: "instead of a service, run a program in a terminal of its own, over telnet",
  },
  spares: {
    value: "N",
    fallback: "0",
    help: "children started in advance, so that clients need not wait for one",
  },
  "max-clients": {
    value: "N",
    fallback: "1000",
    help: "clients connected at the same time",
  },
  "max-per-source": {
    value: "N",
    fallback: "100",
    help: "clients connected at the same time from one source",
  },
  rate: {
    value: "N/TIME",
    fallback: "0",
    help: "new clients from one source: 10/s, 100/m, 1000/h; 0: no limit",
  },
  source: {
    value: "V4,V6",
    fallback: "32,64",
    help: "how many bits of an IPv4 and an IPv6 address identify a source",
  },
  allow: {
    value: "NETWORKS",
    fallback: "",
    list: true,
    help: "accept clients only from these: 192.0.2.0/24,2001:db8::/32; all unless given",
  },
  deny: {
    value: "NETWORKS",
    fallback: "",
    list: true,
    help: "never accept clients from these, even if allowed",
  },
  penalty: {
    value: "TIME",
    fallback: "0",
    help: "how long a source is shut out for each child that it crashes or blocks, from the third on; 0: never",
  },
  refuse: {
    value: "HOW",
    fallback: "line",
    choices: ["line", "close", "wait"],
    help: "what refused clients get: line (the reason), close (nothing), wait or wait:30s (a place in the queue)",
  },
  "first-byte-timeout": {
    value: "TIME",
    fallback: "0",
    help: "end clients that have sent nothing for this long; 0: never",
  },
  "idle-timeout": {
    value: "TIME",
    fallback: "0",
    help: "end clients that are silent for this long (90s, 10m, 2h); 0: never",
  },
  "max-session": {
    value: "TIME",
    fallback: "0",
    help: "end every client after this long; 0: never",
  },
  drain: {
    value: "TIME",
    fallback: "0",
    help: "how long live clients may finish when the server stops; 0: end them immediately",
  },
  orphans: {
    value: "WHAT",
    fallback: "finish",
    choices: ORPHANS,
    help: "what children do if the master is killed: finish serving, or leave immediately",
  },
  ...CONFINE_FLAGS,
  state: {
    value: "DIR",
    fallback: "",
    help: "where commands of the same user find this server; in $XDG_RUNTIME_DIR or /run unless given",
  },
  history: {
    value: "FILE",
    fallback: "",
    help: "SQLite file for ended sessions, their logs and what operators did; in memory unless given",
  },
  "history-age": {
    value: "TIME",
    fallback: "30d",
    help: "delete sessions that ended longer ago (90d, 12h); 0: never",
  },
  "history-size": {
    value: "N",
    fallback: "",
    help: "ended sessions to store; 100000 unless given, or 10000 in memory",
  },
  config: {
    value: "FILE",
    fallback: "",
    help: "read options from a TOML file (max-clients = 500); SIGHUP reads it again",
  },
  log: {
    value: "FORMAT",
    fallback: "pretty",
    choices: LOG_FORMATS,
    help: "log format: pretty, tutorial or json",
  },
} satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;

export const FLAG_NAMES = Object.keys(FLAGS) as FlagName[];

/** The flags that were given, as text. */
export type RawOptions = Partial<Record<FlagName, string>>;

/** Returns the environment variable of a flag: `--max-clients` is also `BROOD_MAX_CLIENTS`. */
export function environmentName(flag: string): string {
  return `BROOD_${flag.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * Parses the arguments after `serve`. @throws {UsageError} on an unknown flag,
 * or one without its value.
 */
export function parseArguments(args: readonly string[]): RawOptions {
  const options = Object.fromEntries(
    FLAG_NAMES.map((name) => {
      const type = isSwitch(name) ? ("boolean" as const) : ("string" as const);
      return [name, { type, multiple: true }];
    }),
  );
  try {
    const { values } = parseArgs({
      args: [...args],
      options,
      strict: true,
      allowPositionals: false,
    });
    return Object.fromEntries(
      Object.entries(values).map(([name, texts]) => {
        return [name, joinTexts(name as FlagName, (texts as (string | boolean)[]).map(String))];
      }),
    );
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const [first = ""] = cause.message.split(/\.?(?:\n|$)|\. /);
    throw new UsageError(`${first}. Try --help.`, { cause });
  }
}

/** Returns the flags that the environment sets. */
export function parseEnvironment(environment: Record<string, string | undefined>): RawOptions {
  return Object.fromEntries(
    FLAG_NAMES.flatMap((name) => {
      const text = environment[environmentName(name)];
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

/**
 * Parses the text of a file of options: TOML, with the names of flags as its keys.
 * @throws {UsageError} if it is not valid TOML, or a key is not a flag.
 */
export function parseConfigFile(path: string, toml: string): RawOptions {
  let table: Record<string, unknown>;
  try {
    table = Bun.TOML.parse(toml) as Record<string, unknown>;
  } catch (cause) {
    throw new UsageError(`--config ${path}: not valid TOML: ${String(cause)}`, { cause });
  }
  const raw: RawOptions = {};
  for (const [key, value] of Object.entries(table)) {
    const name = FLAG_NAMES.find((candidate) => candidate === key);
    if (name === undefined || name === "config") {
      throw new UsageError(
        `--config ${path}: ${JSON.stringify(key)} is not an option. Try --help.`,
      );
    }
    const texts = (Array.isArray(value) ? value : [value]) as unknown[];
    const types = isSwitch(name) ? ["boolean"] : ["string", "number"];
    if (!texts.every((text) => types.includes(typeof text))) {
      const expected = isSwitch(name) ? "true or false" : "a string, a number or a list of these";
      throw new UsageError(`--config ${path}: ${key} must be ${expected}.`);
    }
    raw[name] = joinTexts(name, texts.map(String));
  }
  return raw;
}

function isSwitch(name: FlagName): boolean {
  const flag: Flag = FLAGS[name];
  return flag.switch === true;
}

/** Joins a list with commas. Of any other flag that is given twice, the last one wins. */
function joinTexts(name: FlagName, texts: readonly string[]): string {
  const flag: Flag = FLAGS[name];
  return flag.list ? texts.join(",") : (texts.at(-1) ?? "");
}
