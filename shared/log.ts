/** What is logged: the events, and an entry as JSON. describe-log.ts puts them in words. */
import type { Signal } from "./signals.ts";
import type { EndReason, Phase, Receipt, RefuseReason } from "./outcome.ts";

/** The session that an entry is about. */
export interface SessionIdentity {
  id: string;
  pid: number;
  remoteAddress: string;
  remotePort: number;
}

type Client = Omit<SessionIdentity, "id" | "pid">;

/**
 * Every kind of log entry. Text from a client is already escaped. `ms` fields are durations.
 * A request's `command` is its first four bytes, which is all that the tutorial's server looks at.
 */
export type LogEvent =
  | { event: "listening"; host: string; port: number; dashboard: string | null; pid: number }
  | ({ event: "confined" } & ConfinementSummary)
  /** Clients get a program or a terminal (`what`); `to` says which clients. */
  | { event: "exposed"; what: string; to: string }
  /**
   * Logged when the client's child has been started. `startedAt`: when the client was accepted, in
   * ms since the epoch. `source`: its address, or the network that counts as one source.
   */
  | ({ event: "accepted"; id: string; startedAt: number; source: string } & Client)
  | ({ event: "refused"; reason: RefuseReason; detail: string | null } & Client)
  | { event: "refusals not listed"; count: number; reasons: { [reason: string]: number } }
  | ({ event: "spawned"; spare: boolean } & SessionIdentity)
  | ({ event: "serving"; ms: number } & SessionIdentity)
  /** The service's first bytes were sent `ms` after the client was accepted. */
  | ({ event: "first reply"; ms: number } & SessionIdentity)
  /** Sizes of the request and its reply; null if it was reported together with others. */
  | ({
      event: "request";
      command: string;
      bytesIn: number | null;
      bytesOut: number | null;
    } & SessionIdentity &
      RequestReport)
  | ({ event: "requests not listed"; count: number } & SessionIdentity)
  /** A line that the service logged or the program wrote to stderr. */
  | ({ event: "printed"; text: string } & SessionIdentity)
  | ({ event: "lines not listed"; count: number } & SessionIdentity)
  /** `error`: what the service threw, with its stack. */
  | ({ event: "failed"; error: string } & SessionIdentity)
  /** The session has been in this phase for `ms`, which is past its deadline. */
  | ({ event: "overdue"; phase: Phase; ms: number } & SessionIdentity)
  /** `job`: the bulk kill that it is part of; null: it was for this child alone. */
  | ({ event: "signal sent"; signal: Signal; by: string; job: string | null } & SessionIdentity)
  | ({ event: "signal outcome"; job: string | null } & SessionIdentity & Receipt)
  | ({ event: "ended" } & SessionIdentity & Ended)
  | { event: "warning"; message: string }
  /** `ms`: until the next attempt to accept; null: until an operator resumes. */
  | { event: "paused"; reason: string; ms: number | null; by: string | null }
  | { event: "resumed"; ms: number; by: string | null }
  /** An operator requested a signal to many children. */
  | ({ event: "kill requested" } & BulkKill)
  /**
   * An operator cancelled the rest of a bulk kill; `count`: children that are not sent the signal.
   */
  | ({ event: "kill cancelled" } & BulkKill)
  | { event: "drain requested"; ms: number; by: string }
  /**
   * Wrong passwords for the page, `count` since the last entry. The next one has to wait for `ms`.
   */
  | { event: "wrong password"; by: string; count: number; ms: number }
  | { event: "reloaded"; changed: readonly string[] }
  | { event: "draining"; left: number; ms: number }
  /** `signal`: what the master received; null if an operator requested it. */
  | { event: "stopping"; signal: string | null; live: number }
  | { event: "stopped"; received: number; accepted: number; refused: number };

/** A signal to many children. */
export interface BulkKill {
  /** Its ID, which every "signal sent" entry of it repeats. */
  job: string;
  signal: Signal;
  /** Number of children. */
  count: number;
  /** How they were selected, in words. Escaped. */
  selection: string;
  by: string;
}

export interface Ended {
  reason: EndReason;
  exitCode: number | null;
  signal: string | null;
  /** How long the session lasted. */
  ms: number;
  /** As for a live child: from acceptance until serving, and until the first reply. */
  servingMs: number | null;
  firstReplyMs: number | null;
  requests: number;
  /** Null if the client talked to a program directly. */
  bytesIn: number | null;
  bytesOut: number | null;
  cpuMs: number;
  /** Peak resident memory. */
  maxResidentBytes: number;
  /** Processes that the child had left behind, and that were killed. */
  leftovers: number;
}

/** How each child is confined. */
export interface ConfinementSummary {
  /** With `ownUser` a range of IDs, for the user and the group. */
  user: string;
  group: string;
  /** Every child has a user and a group of its own. */
  ownUser: boolean;
  /**
   * Why children share a user although root started the server; null if
   * they do not, or were told to.
   */
  noOwnUserReason: string | null;
  directory: string;
  /** Octal, three digits. */
  umask: string;
  /** Names of the environment variables that a child inherits from the master. */
  environment: readonly string[];
  /** Maximum open descriptors; null: no limit, here and below. */
  maxFiles: number | null;
  /** Maximum CPU time. */
  cpuSeconds: number | null;
  /**
   * Maximum processes and threads, counted per user: not enforced unless each child has its own.
   */
  maxProcesses: number | null;
  /** Maximum size of a file that it writes. */
  maxFileBytes: number | null;
  /** Maximum memory. */
  memoryBytes: number | null;
  /**
   * What enforces the memory limit: the kernel, or the master by polling every
   * second; null without a limit.
   */
  memoryBy: "cgroup" | "polling" | null;
  /** Why the kernel does not enforce it; null if it does, or there is no limit. */
  noCgroupReason: string | null;
  /** "none": nothing but the client's socket. */
  network: "host" | "none";
  /** Directories in which a child may write; null: wherever its user may. */
  writable: readonly string[] | null;
  /** Children may gain privileges by executing a file, as sudo does. */
  newPrivileges: boolean;
  /** What this machine cannot keep children from, though it should. */
  gaps: readonly ConfinementGap[];
}

/** Children are not kept from gaining privileges, using files, using the network … */
export const GAP_KINDS = [
  "IPC",
  "privileges",
  "files",
  "network",
  "page",
  "ports",
  "processes",
  "program",
  "signals",
  "system calls",
] as const;

export interface ConfinementGap {
  what: (typeof GAP_KINDS)[number];
  reason: string;
}

export interface LogEntry {
  /** Counts from 1 without gaps. */
  seq: number;
  /** Milliseconds since the epoch. */
  at: number;
  event: LogEvent;
}

/** Returns an entry as it is printed by `--log json`. */
export function entryJson({ at, event: { event, ...rest } }: LogEntry): object {
  return { event, time: new Date(at).toISOString(), ...rest };
}

/**
 * How a request was understood. `text` is what the client sent, one character per byte, cut short.
 */
export interface RequestReport {
  kind: "time" | "quit" | "invalid" | "too-long";
  text: string;
}
