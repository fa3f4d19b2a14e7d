/** Parses the text of one option. Each function throws a UsageError of one line on a bad value. */
import { isIP } from "../../shared/ip-address.ts";
import { parseAge as ageInMs, parseDuration as durationInMs } from "../../shared/duration.ts";
import { type Network, parseNetwork, type SourcePrefix } from "./source.ts";
import { badValue, orList } from "./usage-error.ts";

/** At most `count` new clients within a period. */
export interface Rate {
  count: number;
  periodMs: number;
}

/** What refused clients get. `wait`: first a place in the queue, for this long. */
export interface RefusePolicy {
  how: "line" | "close" | "wait";
  waitMs: number;
}

export function parseHost(flag: string, text: string): string {
  const host = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (isIP(host) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host)) return host;
  throw badValue(flag, text, "an address or a host name");
}

export function parsePort(flag: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw badValue(flag, text, "a port from 0 to 65535");
}

export function parsePage(flag: string, text: string): { host: string; port: number } | null {
  if (text === "off") return null;
  const colon = text.lastIndexOf(":");
  if (colon < 1) throw badValue(flag, text, "HOST:PORT or off");
  return {
    host: parseHost(flag, text.slice(0, colon)),
    port: parsePort(flag, text.slice(colon + 1)),
  };
}

export function parseCount(flag: string, text: string, { min = 1, max = 1_000_000 } = {}): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= min && count <= max) return count;
  throw badValue(flag, text, `a number from ${min} to ${max}`);
}

/** setTimeout takes 31 bits of milliseconds, about 24 days, and fires immediately on more. */
const MAX_DURATION_MS = 24 * 3_600_000;

/** Returns ms; 0 for "0". */
export function parseDuration(flag: string, text: string): number {
  const ms = durationInMs(text);
  if (ms !== null && ms <= MAX_DURATION_MS) return ms;
  throw badValue(flag, text, "a time such as 90s, 10m or 2h (at most 24h), or 0");
}

/** Ten years: more must be a mistake. */
const MAX_AGE_MS = 3650 * 24 * 3_600_000;

/** Parses an age, which may be in days. Returns ms; 0 for "0". */
export function parseAge(flag: string, text: string): number {
  const ms = ageInMs(text);
  if (ms !== null && ms <= MAX_AGE_MS) return ms;
  throw badValue(flag, text, "a time such as 30d or 12h (at most 3650d), or 0");
}

/** Parses `10/s`, `100/m`, `5/10s`. Returns null for "0". */
export function parseRate(flag: string, text: string): Rate | null {
  if (text === "0") return null;
  const [, digits = "", time = "s"] = /^(\d+)(?:\/(\d*(?:s|m|h)))?$/.exec(text) ?? [];
  const count = Number(digits);
  const periodMs = durationInMs(/^\d/.test(time) ? time : `1${time}`);
  if (digits !== "" && count >= 1 && count <= 1_000_000 && periodMs !== null && periodMs > 0) {
    return { count, periodMs };
  }
  throw badValue(flag, text, "a rate such as 10/s, 100/m or 1000/h, or 0");
}

export function parseSourcePrefix(flag: string, text: string): SourcePrefix {
  const [, v4 = "", v6 = ""] = /^(\d+),(\d+)$/.exec(text) ?? [];
  const prefix = { v4: Number(v4), v6: Number(v6) };
  if (v4 !== "" && prefix.v4 <= 32 && prefix.v6 <= 128) return prefix;
  throw badValue(flag, text, "two numbers of bits such as 32,64");
}

/** Parses networks separated by commas; there may be none. */
export function parseNetworks(flag: string, text: string): Network[] {
  const texts = text.split(",").map((part) => part.trim());
  return texts.filter((part) => part !== "").map((part) => parseOneNetwork(flag, part));
}

function parseOneNetwork(flag: string, text: string): Network {
  const network = parseNetwork(text);
  if (network === "host bits") {
    throw badValue(flag, text, "a network: it has bits set beyond its prefix");
  }
  if (network !== null) return network;
  throw badValue(flag, text, "an address or a network such as 192.0.2.0/24");
}

/** For `wait` without a time. */
const DEFAULT_WAIT_MS = 10_000;

export function parseRefusePolicy(flag: string, text: string): RefusePolicy {
  if (text === "line" || text === "close") return { how: text, waitMs: 0 };
  if (text === "wait") return { how: "wait", waitMs: DEFAULT_WAIT_MS };
  const [, time = ""] = /^wait:(.+)$/.exec(text) ?? [];
  if (time !== "") return { how: "wait", waitMs: parseDuration(flag, time) };
  throw badValue(flag, text, "line, close, wait or wait:TIME");
}

/** Parses a switch in the environment or a file. */
export function parseSwitch(flag: string, text: string): boolean {
  if (["true", "1", "yes", "on"].includes(text)) return true;
  if (["false", "0", "no", "off", ""].includes(text)) return false;
  throw badValue(flag, text, "true or false");
}

export function oneOf<Name extends string>(
  flag: string,
  text: string,
  names: readonly Name[],
): Name {
  const name = names.find((candidate) => candidate === text);
  if (name !== undefined) return name;
  throw badValue(flag, text, orList(names));
}
