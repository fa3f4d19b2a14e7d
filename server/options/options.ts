/** What `serve` is to do, made of what was said: a pure function of it. */
import type { Access } from "../../shared/access.ts";
import { formatAddress, isLoopback } from "../../shared/address.ts";
import { type ConfineOptions, parseConfine } from "./confine-flags.ts";
import {
  environmentName,
  FLAGS,
  type FlagName,
  type RawOptions,
  parseEnvironment,
  parseArguments,
  LOG_FORMATS,
  ORPHANS,
} from "./flags.ts";
import { checkServing, parseServing, type Serving } from "./serving.ts";
import type { Network, SourcePrefix } from "./source.ts";
import { UsageError } from "./usage-error.ts";
import {
  oneOf,
  parseAge,
  parseCount,
  parseDuration,
  parseHost,
  parseNetworks,
  parsePage,
  parsePort,
  parseRate,
  parseRefusePolicy,
  parseSourcePrefix,
  parseSwitch,
  type Rate,
  type RefusePolicy,
} from "./parse.ts";

export type LogFormat = (typeof LOG_FORMATS)[number];

/** What stays as it is for as long as the master lives. */
export interface Settings {
  host: string;
  port: number;
  dashboard: { host: string; port: number } | null;
  /** Who may do what on the page. */
  access: Access;
  serving: Serving;
  /** Children to keep ready. */
  spares: number;
  orphans: "finish" | "leave";
  history: HistoryOptions;
  /** What holds each child in. */
  confine: ConfineOptions;
  log: LogFormat;
}

/** What is kept of what has been. */
export interface HistoryOptions {
  /** Null: in memory. */
  file: string | null;
  /** In ms; 0: whatever their age. */
  maxAgeMs: number;
  /** Sessions; in memory also where the file cannot be had. */
  maxSessions: number;
  maxSessionsInMemory: number;
}

/** What HUP may change, for the clients that come from then on. Times in ms; 0: none. */
export interface Limits {
  maxClients: number;
  maxPerSource: number;
  rate: Rate | null;
  source: SourcePrefix;
  allow: readonly Network[];
  deny: readonly Network[];
  penalty: number;
  refuse: RefusePolicy;
  firstByteTimeout: number;
  idleTimeout: number;
  maxSession: number;
  drain: number;
}

export type Options = Settings & Limits;

/** Each costs a process's memory whether a client comes or not. */
const MOST_SPARES = 1000;

/**
 * Takes the arguments after `serve`, the environment and what a file says, the weightiest first.
 * @throws {UsageError} on an unknown flag or a bad value that counts.
 */
export function parseOptions(
  args: readonly string[],
  environment: Record<string, string | undefined>,
  file: RawOptions = {},
): Options {
  const given: RawOptions = { ...file, ...parseEnvironment(environment), ...parseArguments(args) };
  const text = (flag: FlagName) => given[flag] ?? FLAGS[flag].fallback;
  const read = <T>(flag: FlagName, parse: (flag: string, text: string) => T) =>
    parse(flag, text(flag));

  const options: Options = {
    host: read("host", parseHost),
    port: read("port", parsePort),
    dashboard: read("dashboard", parsePage),
    access: {
      operate: text("dashboard-password") || null,
      watch: text("dashboard-watch-password") || null,
      readonly: read("dashboard-readonly", parseSwitch),
    },
    serving: parseServing(given),
    spares: parseCount("spares", text("spares"), { least: 0, most: MOST_SPARES }),
    orphans: oneOf("orphans", text("orphans"), ORPHANS),
    history: {
      file: text("history") || null,
      maxAgeMs: read("history-age", parseAge),
      ...parseHistorySize(text("history-size")),
    },
    confine: parseConfine(text),
    log: oneOf("log", text("log"), LOG_FORMATS),
    maxClients: parseCount("max-clients", text("max-clients")),
    maxPerSource: parseCount("max-per-source", text("max-per-source")),
    rate: read("rate", parseRate),
    source: read("source", parseSourcePrefix),
    allow: read("allow", parseNetworks),
    deny: read("deny", parseNetworks),
    penalty: read("penalty", parseDuration),
    refuse: read("refuse", parseRefusePolicy),
    firstByteTimeout: read("first-byte-timeout", parseDuration),
    idleTimeout: read("idle-timeout", parseDuration),
    maxSession: read("max-session", parseDuration),
    drain: read("drain", parseDuration),
  };
  checkServing(options);
  if (options.dashboard !== null) checkAccess(options.access, options.dashboard);
  return options;
}

/** In memory a session with its log takes some 1.5 kB. */
function parseHistorySize(
  text: string,
): Pick<HistoryOptions, "maxSessions" | "maxSessionsInMemory"> {
  if (text === "") return { maxSessions: 100_000, maxSessionsInMemory: 10_000 };
  const size = parseCount("history-size", text);
  return { maxSessions: size, maxSessionsInMemory: size };
}

/** @throws {UsageError} where somebody could do more than was meant. */
function checkAccess(access: Access, dashboard: { host: string; port: number }): void {
  const { operate, watch, readonly } = access;
  const password = environmentName("dashboard-password");
  if (watch !== null && watch === operate) {
    throw new UsageError(
      `--dashboard-watch-password: it is that of those who may act. Take another.`,
    );
  }
  if (watch !== null && operate === null && !readonly) {
    throw new UsageError(
      `--dashboard-watch-password: without a password one could do more than with it. ` +
        `Set ${password} too, or --dashboard-readonly.`,
    );
  }
  if (!isLoopback(dashboard.host) && operate === null && watch === null) {
    const whoever = readonly ? "see who the clients are" : "kill children";
    throw new UsageError(
      `--dashboard ${formatAddress(dashboard.host, dashboard.port)}: whoever reaches the page can ${whoever}. ` +
        `Set ${password}, or use a loopback address.`,
    );
  }
}
