/** What `serve` can be told, and where it is said: by a flag, the environment or a file, in this order. */
import { parseArgs } from "node:util";
import { CONFINE_FLAGS } from "./confine-flags.ts";
import { UsageError } from "./usage-error.ts";
import { BUILT_INS } from "./built-in-services.ts";
import type { Flag } from "./flag.ts";

export const LOG_FORMATS = ["pretty", "tutorial", "json"] as const;

/** What becomes of the children of a master that was killed. */
export const ORPHANS = ["finish", "leave"] as const;

/** Every flag of `serve`, in the order in which `--help` shows them. */
export const FLAGS = {
  host: { value: "ADDRESS", fallback: "127.0.0.1", help: "address to accept clients on" },
  port: { value: "PORT", fallback: "65000", help: "port to accept clients on; 0 takes a free one" },
  dashboard: {
    value: "HOST:PORT",
    fallback: "127.0.0.1:65080",
    choices: ["off"],
    help: "address of the page; port 0 takes a free one; off for none",
  },
  "dashboard-password": {
    value: "TEXT",
    fallback: "",
    help: "ask for it (any user name); a must beyond loopback; better given in the environment",
  },
  "dashboard-watch-password": {
    value: "TEXT",
    fallback: "",
    help: "a second password, with which one may look and change nothing",
  },
  "dashboard-readonly": {
    value: "",
    fallback: "",
    switch: true,
    help: "nobody may kill, pause or drain from the page",
  },
  service: {
    value: "NAME|FILE",
    fallback: "time",
    choices: [...BUILT_INS, "chat"],
    help: "what a child speaks: time, echo, chat or a module such as ./my.ts",
  },
  exec: {
    value: "COMMAND",
    fallback: "",
    help: "in place of a service: a program with the client as its stdin and stdout, as from inetd",
  },
  pty: {
    value: "COMMAND",
    fallback: "",
    help: "in place of a service: a program in a terminal of the client's own, by telnet",
  },
  spares: {
    value: "N",
    fallback: "0",
    help: "children kept ready, so that a client need not wait",
  },
  "max-clients": { value: "N", fallback: "1000", help: "clients live at once" },
  "max-per-source": { value: "N", fallback: "100", help: "clients live at once from one source" },
  rate: {
    value: "N/TIME",
    fallback: "0",
    help: "new clients from one source: 10/s, 100/m, 1000/h; 0: no limit",
  },
  source: {
    value: "V4,V6",
    fallback: "32,64",
    help: "bits of an address that make a source, for IPv4 and IPv6",
  },
  allow: {
    value: "NETWORKS",
    fallback: "",
    list: true,
    help: "serve these alone: 192.0.2.0/24,2001:db8::/32; none: all",
  },
  deny: { value: "NETWORKS", fallback: "", list: true, help: "never serve these, allowed or not" },
  penalty: {
    value: "TIME",
    fallback: "0",
    help: "shut out a source so long for each child that it crashed or held up, from the third on",
  },
  refuse: {
    value: "HOW",
    fallback: "line",
    choices: ["line", "close", "wait"],
    help: "what the refused get: line (why), close (nothing), wait or wait:30s (for room)",
  },
  "first-byte-timeout": {
    value: "TIME",
    fallback: "0",
    help: "end a client that has not said anything after so long; 0: never",
  },
  "idle-timeout": {
    value: "TIME",
    fallback: "0",
    help: "end a client that is silent for so long (90s, 10m, 2h); 0: never",
  },
  "max-session": { value: "TIME", fallback: "0", help: "end every client after so long; 0: never" },
  drain: {
    value: "TIME",
    fallback: "0",
    help: "when told to stop, let live clients finish for so long; 0: end them at once",
  },
  orphans: {
    value: "WHAT",
    fallback: "finish",
    choices: ORPHANS,
    help: "children of a master that was killed: finish (their client) or leave (at once)",
  },
  ...CONFINE_FLAGS,
  history: {
    value: "FILE",
    fallback: "",
    help: "keep ended sessions, their logs and what operators did in this SQLite file; none: in memory",
  },
  "history-age": {
    value: "TIME",
    fallback: "30d",
    help: "for so long (90d, 12h); 0: whatever their age",
  },
  "history-size": {
    value: "N",
    fallback: "",
    help: "so many sessions at the most; 100000 unless said, and 10000 in memory",
  },
  config: {
    value: "FILE",
    fallback: "",
    help: "read options from a TOML file, such as max-clients = 500; HUP reads it again",
  },
  log: {
    value: "FORMAT",
    fallback: "pretty",
    choices: LOG_FORMATS,
    help: "pretty, tutorial or json",
  },
} satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;

export const FLAG_NAMES = Object.keys(FLAGS) as FlagName[];

/** What was said of some flags, as text. */
export type RawOptions = Partial<Record<FlagName, string>>;

/** `--max-clients` is also `BROOD_MAX_CLIENTS`; the flag wins. */
export function environmentName(flag: string): string {
  return `BROOD_${flag.toUpperCase().replaceAll("-", "_")}`;
}

/** Takes the arguments after `serve`. @throws {UsageError} on an unknown flag, or one without a value. */
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
      Object.entries(values).map(([name, said]) => {
        return [name, joined(name, (said as (string | boolean)[]).map(String))];
      }),
    );
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const [first = ""] = cause.message.split(/\.?(?:\n|$)|\. /);
    throw new UsageError(`${first}. Try --help.`, { cause });
  }
}

/** What the environment says of the flags. */
export function parseEnvironment(environment: Record<string, string | undefined>): RawOptions {
  return Object.fromEntries(
    FLAG_NAMES.flatMap((name) => {
      const text = environment[environmentName(name)];
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

/**
 * Takes the text of a file of options: TOML, with the flags' names as its keys.
 * @throws {UsageError} if it is no TOML, or a key is no flag.
 */
export function parseConfigFile(path: string, toml: string): RawOptions {
  let table: Record<string, unknown>;
  try {
    table = Bun.TOML.parse(toml) as Record<string, unknown>;
  } catch (cause) {
    throw new UsageError(`--config ${path}: no TOML: ${String(cause)}`, { cause });
  }
  const given: RawOptions = {};
  for (const [key, value] of Object.entries(table)) {
    const name = FLAG_NAMES.find((candidate) => candidate === key);
    if (name === undefined || name === "config") {
      throw new UsageError(`--config ${path}: ${JSON.stringify(key)} is no option. Try --help.`);
    }
    const texts = (Array.isArray(value) ? value : [value]) as unknown[];
    const types = isSwitch(name) ? ["boolean"] : ["string", "number"];
    if (!texts.every((text) => types.includes(typeof text))) {
      const wanted = isSwitch(name) ? "true or false" : "a text, a number or a list of them";
      throw new UsageError(`--config ${path}: ${key} must be ${wanted}.`);
    }
    given[name] = joined(name, texts.map(String));
  }
  return given;
}

export function isSwitch(name: FlagName): boolean {
  return (FLAGS[name] as Flag).switch === true;
}

/** A list is one text with commas; of anything else the last one counts, as is usual. */
function joined(name: string, texts: readonly string[]): string {
  const { list = false } = FLAGS[name as FlagName] as Flag;
  return list ? texts.join(",") : (texts.at(-1) ?? "");
}
