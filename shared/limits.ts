/** The limits that are in force, as the page, the API and the log tell them. */
import { formatDuration } from "./format.ts";

/** By the flag that sets it. */
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
  /** So many in so many ms. */
  | { kind: "rate"; count: number; perMs: number }
  /** What counts as one source: the first bits of its address. */
  | { kind: "source"; v4: number; v6: number }
  | { kind: "networks"; networks: readonly string[] }
  /** What the refused get: a line, nothing, or a wait of so many ms first. */
  | { kind: "line" | "close" }
  | { kind: "wait"; ms: number };

export interface Limit {
  name: LimitName;
  value: LimitValue;
}

/** What it is, in English words. */
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
      return `${value.count} in ${formatDuration(value.perMs)}`;
    case "source":
      return `/${value.v4}, /${value.v6} of IPv6`;
    case "networks":
      return value.networks.join(", ");
    case "wait":
      return `wait ${formatDuration(value.ms)}`;
  }
}
