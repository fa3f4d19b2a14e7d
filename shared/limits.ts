/** The limits in force, as shown by the page, the API and the log. */
import { formatDuration } from "./format.ts";

/** The name of the flag that sets the limit. */
export type LimitName =
  | "max-clients"
  | "max-per-source"
  | "rate"
  | "source"
  | "allow"
  | "deny"
  | "penalty"
  | "refuse"
  | "first-byte-timeout"
  | "idle-timeout"
  | "max-session"
  | "drain";

export type LimitValue =
  | { kind: "none" | "all" }
  | { kind: "count"; count: number }
  | { kind: "time"; ms: number }
  /** At most `count` per `perMs`. */
  | { kind: "rate"; count: number; perMs: number }
  /** Addresses whose first bits are equal count as one source; prefix lengths. */
  | { kind: "source"; v4: number; v6: number }
  | { kind: "networks"; networks: readonly string[] }
  /** What a refused client gets: a line, nothing, or up to `ms` of waiting first. */
  | { kind: "line" | "close" }
  | { kind: "wait"; ms: number };

export interface Limit {
  name: LimitName;
  value: LimitValue;
}

const PERIODS: { readonly [ms: number]: string } = {
  1000: "second",
  60_000: "minute",
  3_600_000: "hour",
};

/** Describes the value in words. */
export function describeLimit(value: LimitValue): string {
  switch (value.kind) {
    case "none":
    case "all":
    case "line":
    case "close":
      return value.kind;
    case "count":
      return value.count.toLocaleString("en");
    case "time":
      return formatDuration(value.ms);
    case "rate":
      return `${value.count.toLocaleString("en")} per ${PERIODS[value.perMs] ?? formatDuration(value.perMs)}`;
    case "source":
      return `IPv4 /${value.v4}, IPv6 /${value.v6}`;
    case "networks":
      return value.networks.join(", ");
    case "wait":
      return `wait ${formatDuration(value.ms)}`;
  }
}
