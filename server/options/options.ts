/** The options of `serve`, parsed from text. */
import type { Access } from "../../shared/access.ts";
import { formatAddress, isLoopback } from "../../shared/address.ts";
import { type ConfineOptions, parseConfine } from "./confine-flags.ts";
import { environmentName, FLAGS, type FlagName, LOG_FORMATS, ORPHANS } from "./flags.ts";
import { parseArguments, parseEnvironment, type RawOptions } from "./raw-options.ts";
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

/** Options that never change while the master runs. */
export interface Settings {
  host: string;
  port: number;
  dashboard: { host: string; port: number } | null;
  /** Who may do what on the page. */
  access: Access;
  serving: Serving;
  /** Children started in advance. */
  spares: number;
  orphans: "finish" | "leave";
  /** Where commands of the same user find this server; null: the usual directory. */
  state: string | null;
  history: HistoryOptions;
  /** How each child is confined. */
  confine: ConfineOptions;
  log: LogFormat;
}

/** What the history stores. */
export interface HistoryOptions {
  /** Null: in memory. */
  file: string | null;
  /** 0: no limit. */
  maxAgeMs: number;
  maxSessions: number;
  /** In place of `maxSessions` without a file, or while the file cannot be opened. */
  maxSessionsInMemory: number;
}

/**
 * Options that SIGHUP may change, for clients that connect from then on. A time of 0 is no limit.
 */
export interface Limits {
  maxClients: number;
  maxPerSource: number;
  rate: Rate | null;
  source: SourcePrefix;
  allow: readonly Network[];
  deny: readonly Network[];
  penaltyMs: number;
  refuse: RefusePolicy;
  firstByteTimeoutMs: number;
  idleTimeoutMs: number;
  maxSessionMs: number;
  drainMs: number;
}

export type Options = Settings & Limits;

/** Each takes the memory of a process, even if no client ever comes. */
const MAX_SPARES = 1000;

/**
 * Parses the arguments after `serve`, the environment and the options of a file, in
 * this order of precedence.
 * @throws {UsageError} on an unknown flag, or a bad value that nothing overrides.
 */
export function parseOptions(
  args: readonly string[],
  environment: Record<string, string | undefined>,
  file: RawOptions = {},
): Options {
  const raw: RawOptions = { ...file, ...parseEnvironment(environment), ...parseArguments(args) };
  const text = (flag: FlagName) => raw[flag] ?? FLAGS[flag].fallback;
  const read = <T>(flag: FlagName, parse: (flag: string, text: string) => T) =>
    parse(flag, text(flag));

  const options: Options = {
    host: read("host", parseHost),
    port: read("port", parsePort),
    dashboard: read("dashboard", parsePage),
    access: {
      operate: text("dashboard-password") || null,
      isGenerated: false,
      watch: text("dashboard-watch-password") || null,
      readonly: read("dashboard-readonly", parseSwitch),
    },
    serving: parseServing(raw),
    spares: parseCount("spares", text("spares"), { min: 0, max: MAX_SPARES }),
    orphans: oneOf("orphans", text("orphans"), ORPHANS),
    state: text("state") || null,
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
    penaltyMs: read("penalty", parseDuration),
    refuse: read("refuse", parseRefusePolicy),
    firstByteTimeoutMs: read("first-byte-timeout", parseDuration),
    idleTimeoutMs: read("idle-timeout", parseDuration),
    maxSessionMs: read("max-session", parseDuration),
    drainMs: read("drain", parseDuration),
  };
  checkServing(options);
  if (options.dashboard !== null) checkAccess(options.access, options.dashboard);
  return options;
}

/** In memory, a session with its log takes about 1.5 kB. */
function parseHistorySize(
  text: string,
): Pick<HistoryOptions, "maxSessions" | "maxSessionsInMemory"> {
  if (text === "") return { maxSessions: 100_000, maxSessionsInMemory: 10_000 };
  const size = parseCount("history-size", text);
  return { maxSessions: size, maxSessionsInMemory: size };
}

/** @throws {UsageError} if the options would let someone do more than was meant. */
function checkAccess(access: Access, dashboard: { host: string; port: number }): void {
  const { operate, watch, readonly } = access;
  const password = environmentName("dashboard-password");
  if (watch !== null && watch === operate) {
    throw new UsageError(`--dashboard-watch-password: must differ from --dashboard-password.`);
  }
  if (watch !== null && operate === null && !readonly) {
    throw new UsageError(
      `--dashboard-watch-password: anyone could do more without a password than with this one. ` +
        `Set ${password} too, or --dashboard-readonly.`,
    );
  }
  if (!isLoopback(dashboard.host) && operate === null && watch === null) {
    const risk = readonly ? "see who the clients are" : "kill children";
    throw new UsageError(
      `--dashboard ${formatAddress(dashboard.host, dashboard.port)}: anyone who can reach the page could ${risk}. ` +
        `Set ${password}, or use a loopback address.`,
    );
  }
}
