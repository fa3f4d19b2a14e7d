/** The command line and the environment, read in one place: a pure function of both. */
import { isIP } from "node:net";
import { parseArgs } from "node:util";
import { isLoopback } from "../shared/address.ts";
import { CONFINE_FLAGS, type ConfineOptions, parseConfine } from "./confine-flags.ts";
import { bad, type Flag, parseCount, parseDuration, UsageError } from "./flag-values.ts";
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
  /** What holds each child in. */
  confine: ConfineOptions;
  log: LogFormat;
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
  ...CONFINE_FLAGS,
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
    confine: parseConfine(text),
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

function oneOf<Name extends string>(flag: string, text: string, names: readonly Name[]): Name {
  const name = names.find((candidate) => candidate === text);
  if (name !== undefined) return name;
  throw bad(flag, text, names.join(", "));
}
