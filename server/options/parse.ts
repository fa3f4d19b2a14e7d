/** Reads one option's text; what is wrong with it is told in one line. */
import { isIP } from "node:net";
import { parseAge as ageInMs, parseDuration as durationInMs } from "../../shared/duration.ts";
import { type Network, parseNetwork, type SourcePrefix } from "./source.ts";
import { badValue } from "./usage-error.ts";

/** So many new clients in so many ms. */
export interface Rate {
  count: number;
  per: number;
}

/** What the refused get. `wait`: a place in the queue for so long (ms) first. */
export interface RefusePolicy {
  how: "line" | "close" | "wait";
  wait: number;
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

export function parseCount(
  flag: string,
  text: string,
  { least = 1, most = 1_000_000 } = {},
): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= least && count <= most) return count;
  throw badValue(flag, text, `a number from ${least} to ${most}`);
}

/** A longer timer would fire at once (setTimeout takes 31 bits of ms). */
const LONGEST_TIMEOUT = 24 * 3_600_000;

/** Gives ms; 0 for "0". */
export function parseDuration(flag: string, text: string): number {
  const ms = durationInMs(text);
  if (ms !== null && ms <= LONGEST_TIMEOUT) return ms;
  throw badValue(flag, text, "a time such as 90s, 10m or 2h (24h at most), or 0");
}

/** Ten years: more is a slip. */
const GREATEST_AGE = 3650 * 24 * 3_600_000;

/** How long something is kept, in ms; 0 for "0". */
export function parseAge(flag: string, text: string): number {
  const ms = ageInMs(text);
  if (ms !== null && ms <= GREATEST_AGE) return ms;
  throw badValue(flag, text, "a time such as 30d or 12h (3650d at most), or 0");
}

/** `10/s`, `100/m`, `5/10s`; null for "0". */
export function parseRate(flag: string, text: string): Rate | null {
  if (text === "0") return null;
  const [, digits = "", time = "s"] = /^(\d+)(?:\/(\d*(?:s|m|h)))?$/.exec(text) ?? [];
  const count = Number(digits);
  const per = durationInMs(/^\d/.test(time) ? time : `1${time}`);
  if (digits !== "" && count >= 1 && count <= 1_000_000 && per !== null && per > 0) {
    return { count, per };
  }
  throw badValue(flag, text, "a rate such as 10/s, 100/m or 1000/h, or 0");
}

export function parseSourcePrefix(flag: string, text: string): SourcePrefix {
  const [, v4 = "", v6 = ""] = /^(\d+),(\d+)$/.exec(text) ?? [];
  const prefix = { v4: Number(v4), v6: Number(v6) };
  if (v4 !== "" && prefix.v4 <= 32 && prefix.v6 <= 128) return prefix;
  throw badValue(flag, text, "two numbers of bits such as 32,64");
}

/** Networks with commas between them, or none. */
export function parseNetworks(flag: string, text: string): Network[] {
  const texts = text.split(",").map((part) => part.trim());
  return texts.filter((part) => part !== "").map((part) => parseOneNetwork(flag, part));
}

function parseOneNetwork(flag: string, text: string): Network {
  const network = parseNetwork(text);
  if (network === "host bits") {
    throw badValue(flag, text, "a network: there are bits set beyond its prefix");
  }
  if (network !== null) return network;
  throw badValue(flag, text, "an address or a network such as 192.0.2.0/24");
}

/** How long (ms) the refused wait for room unless it is said. */
const USUAL_WAIT = 10_000;

export function parseRefusePolicy(flag: string, text: string): RefusePolicy {
  if (text === "line" || text === "close") return { how: text, wait: 0 };
  if (text === "wait") return { how: "wait", wait: USUAL_WAIT };
  const [, time = ""] = /^wait:(.+)$/.exec(text) ?? [];
  if (time !== "") return { how: "wait", wait: parseDuration(flag, time) };
  throw badValue(flag, text, "line, close, wait or wait:TIME");
}

/** What the environment says of something that is on or off. */
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
  throw badValue(flag, text, names.join(", "));
}
