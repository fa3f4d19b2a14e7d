/** The command line and the environment, read in one place: a pure function of both. */
import { isIP } from "node:net";
import { parseArgs } from "node:util";
import { isLoopback } from "../shared/address.ts";
import { SERVICE_NAMES, type ServiceName } from "./services/service.ts";

export type LogFormat = "pretty" | "tutorial" | "json";

export interface Options {
  host: string;
  port: number;
  dashboard: { host: string; port: number } | null;
  dashboardPassword: string | null;
  service: ServiceName;
  /** Children to keep ready. */
  spares: number;
  maxClients: number;
  maxPerSource: number;
  /** Milliseconds; 0: never. */
  idleTimeout: number;
  log: LogFormat;
}

/** What the user got wrong, in one line: which flag, which value, what would be right. */
export class UsageError extends Error {}

interface Flag {
  value: string;
  fallback: string;
  help: string;
}

/** Every flag of `serve`, in the order in which `--help` shows them. */
export const FLAGS = {
  host: { value: "ADDRESS", fallback: "127.0.0.1", help: "address to accept clients on" },
  port: { value: "PORT", fallback: "65000", help: "port to accept clients on; 0 takes a free one" },
  dashboard: {
    value: "HOST:PORT",
    fallback: "127.0.0.1:65080",
    help: "address of the page; port 0 takes a free one; off for none",
  },
  "dashboard-password": {
    value: "TEXT",
    fallback: "",
    help: "ask for it (any user name); a must beyond loopback; better given in the environment",
  },
  service: { value: "NAME", fallback: "time", help: "what a child speaks: time or echo" },
  spares: {
    value: "N",
    fallback: "0",
    help: "children kept ready, so that a client need not wait",
  },
  "max-clients": { value: "N", fallback: "1000", help: "clients live at once" },
  "max-per-source": { value: "N", fallback: "100", help: "clients live at once from one address" },
  "idle-timeout": {
    value: "TIME",
    fallback: "0",
    help: "end a client that is silent for so long (90s, 10m, 2h); 0: never",
  },
  log: { value: "FORMAT", fallback: "pretty", help: "pretty, tutorial or json" },
} satisfies Record<string, Flag>;

type FlagName = keyof typeof FLAGS;

const FLAG_NAMES = Object.keys(FLAGS) as FlagName[];

/** `--max-clients` is also `BROOD_MAX_CLIENTS`; the flag wins. */
export function environmentName(flag: string): string {
  return `BROOD_${flag.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * Takes the arguments after `serve` and the environment, gives the options.
 * @throws {UsageError} on an unknown flag or a bad value.
 */
export function parseOptions(
  args: readonly string[],
  environment: Record<string, string | undefined>,
): Options {
  const given = parseFlags(args);
  const text = (flag: FlagName) =>
    given[flag] ?? environment[environmentName(flag)] ?? FLAGS[flag].fallback;
  const options: Options = {
    host: parseHost("host", text("host")),
    port: parsePort("port", text("port")),
    dashboard: parseDashboard(text("dashboard")),
    dashboardPassword: text("dashboard-password") || null,
    service: oneOf("service", text("service"), SERVICE_NAMES),
    spares: parseCount("spares", text("spares"), { least: 0, most: MOST_SPARES }),
    maxClients: parseCount("max-clients", text("max-clients")),
    maxPerSource: parseCount("max-per-source", text("max-per-source")),
    idleTimeout: parseDuration("idle-timeout", text("idle-timeout")),
    log: oneOf("log", text("log"), ["pretty", "tutorial", "json"]),
  };
  const { dashboard, dashboardPassword } = options;
  if (dashboard !== null && !isLoopback(dashboard.host) && dashboardPassword === null) {
    throw new UsageError(
      `--dashboard ${text("dashboard")}: whoever reaches the page can kill children. ` +
        `Set ${environmentName("dashboard-password")}, or use a loopback address.`,
    );
  }
  return options;
}

function parseFlags(args: readonly string[]): Partial<Record<FlagName, string>> {
  const options = Object.fromEntries(FLAG_NAMES.map((name) => [name, { type: "string" as const }]));
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const [first = ""] = cause.message.split(/\.?(?:\n|$)|\. /);
    throw new UsageError(`${first}. Try --help.`, { cause });
  }
}

function parseHost(flag: string, text: string): string {
  const host = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (isIP(host) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host)) return host;
  throw bad(flag, text, "an address or a host name");
}

function parsePort(flag: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw bad(flag, text, "a port from 0 to 65535");
}

function parseDashboard(text: string): Options["dashboard"] {
  if (text === "off") return null;
  const colon = text.lastIndexOf(":");
  if (colon < 1) throw bad("dashboard", text, "HOST:PORT or off");
  return {
    host: parseHost("dashboard", text.slice(0, colon)),
    port: parsePort("dashboard", text.slice(colon + 1)),
  };
}

/** Each costs a process's memory whether a client comes or not. */
const MOST_SPARES = 1000;

function parseCount(flag: string, text: string, { least = 1, most = 1_000_000 } = {}): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= least && count <= most) return count;
  throw bad(flag, text, `a number from ${least} to ${most}`);
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A longer timer would fire at once (setTimeout takes 31 bits of ms). */
const LONGEST_TIMEOUT = 24 * 3_600_000;

function parseDuration(flag: string, text: string): number {
  const [, digits, unit] = /^(\d+)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Number(digits) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  if (digits !== undefined && Number(digits) === 0) return 0;
  if (ms <= LONGEST_TIMEOUT) return ms;
  throw bad(flag, text, "a time such as 90s, 10m or 2h (24h at most), or 0");
}

function oneOf<Name extends string>(flag: string, text: string, names: readonly Name[]): Name {
  const name = names.find((candidate) => candidate === text);
  if (name !== undefined) return name;
  throw bad(flag, text, names.join(", "));
}

function bad(flag: string, text: string, wanted: string): UsageError {
  return new UsageError(`--${flag}: ${JSON.stringify(text)} is not ${wanted}.`);
}
