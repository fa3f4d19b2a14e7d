/** What is logged: the events, and each of them in words and as JSON. */
import { formatBytes, formatDuration } from "./format.ts";
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
   * Logged when the client's child has been started. `startedAt`: when the client was accepted, in ms since the
   * epoch. `source`: its address, or the network that counts as one source.
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
  /** An operator cancelled the rest of a bulk kill; `count`: children that are not sent the signal. */
  | ({ event: "kill cancelled" } & BulkKill)
  | { event: "drain requested"; ms: number; by: string }
  /** Wrong passwords for the page, `count` since the last entry. The next one has to wait for `ms`. */
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
  /** Why children share a user although root started the server; null if they do not, or were told to. */
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
  /** Maximum processes and threads, counted per user: not enforced unless each child has its own. */
  maxProcesses: number | null;
  /** Maximum size of a file that it writes. */
  maxFileBytes: number | null;
  /** Maximum memory. */
  memoryBytes: number | null;
  /** What enforces the memory limit: the kernel, or the master by polling every second; null without a limit. */
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

const PHASES: Record<Phase, string> = {
  start: "starting",
  "first byte": "waiting for the first byte",
  idle: "idle",
  session: "in session",
  leave: "leaving",
};

/** Describes an event in words, without its time, process and client. */
export function describe(event: LogEvent): string {
  switch (event.event) {
    case "listening":
      return `listening on ${event.host} port ${event.port}, master is PID ${event.pid}`;
    case "confined":
      return describeConfined(event);
    case "exposed":
      return `${event.what}, for ${event.to}`;
    case "accepted":
      return "client connected";
    case "refused":
      return `refused: ${event.reason}${event.detail === null ? "" : ` (${event.detail})`}`;
    case "refusals not listed":
      return `${event.count.toLocaleString("en")} more refusals not listed: ${listCounts(event.reasons)}`;
    case "spawned":
      return event.spare ? "handed to a spare" : "child spawned";
    case "serving":
      return `child serving after ${event.ms.toFixed(1)} ms`;
    case "first reply":
      return `first reply after ${formatDuration(event.ms)}`;
    case "request":
      return describeRequest(event);
    case "requests not listed":
      return `${event.count.toLocaleString("en")} more requests not listed`;
    case "printed":
      return event.text;
    case "lines not listed":
      return `${event.count.toLocaleString("en")} more lines not listed`;
    case "failed":
      return `service failed: ${event.error}`;
    case "overdue":
      return `stuck: ${PHASES[event.phase]} for ${formatDuration(event.ms)}`;
    case "signal sent":
      return `${event.signal} sent by ${event.by}`;
    case "signal outcome":
      return `${describeReceipt(event)} (requested by ${event.by})`;
    case "ended":
      return describeEnd(event);
    case "warning":
      return event.message;
    case "paused":
      return `accepting paused${event.ms === null ? "" : ` for ${formatDuration(event.ms)}`}: ${event.reason}`;
    case "resumed":
      return `accepting resumed after ${formatDuration(event.ms)}${event.by === null ? "" : `, by ${event.by}`}`;
    case "kill requested":
      return `${event.signal} to ${children(event.count)} (${event.selection}) requested by ${event.by}`;
    case "kill cancelled":
      return `${event.signal} to the remaining ${children(event.count)} (${event.selection}) cancelled by ${event.by}`;
    case "drain requested":
      return `drain of ${formatDuration(event.ms)} requested by ${event.by}`;
    case "wrong password":
      return describeWrongPassword(event);
    case "reloaded":
      return event.changed.length === 0
        ? "options reloaded: nothing changed"
        : `options reloaded: ${event.changed.join(", ")}`;
    case "draining":
      return `draining: ${children(event.left)} left, at most ${formatDuration(event.ms)}`;
    case "stopping":
      return `${event.signal === null ? "" : `${event.signal} received, `}stopping ${children(event.live)}`;
    case "stopped":
      return `stopped after ${event.accepted.toLocaleString("en")} ${event.accepted === 1 ? "client" : "clients"}, ${event.refused.toLocaleString("en")} refused`;
  }
}

/** `TERM sent, gone after 12 ms`, `TERM sent, then KILL, gone after 5.0 s`, `STOP sent, stopped`. */
export function describeReceipt({ sent, outcome, ms, leftovers }: Receipt): string {
  const [first, ...more] = sent;
  const signals = [`${first} sent`, ...more.map((signal) => `then ${signal}`)].join(", ");
  const after = outcome === "gone" || outcome === "still there";
  return `${signals}, ${outcome}${after ? ` after ${formatDuration(ms)}` : ""}${describeLeftovers(leftovers)}`;
}

/** `, 2 processes left behind were killed`; empty for none. An entry that an earlier version stored lacks the number. */
function describeLeftovers(count = 0): string {
  if (count === 0) return "";
  return count === 1
    ? ", 1 process left behind was killed"
    : `, ${count.toLocaleString("en")} processes left behind were killed`;
}

function children(count: number): string {
  return count === 1 ? "1 live child" : `${count} live children`;
}

function listCounts(counts: { [name: string]: number }): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} × ${name}`)
    .join(", ");
}

function describeWrongPassword({
  by,
  count,
  ms,
}: Extract<LogEvent, { event: "wrong password" }>): string {
  const what = count === 1 ? "wrong password" : `${count.toLocaleString("en")} wrong passwords`;
  const wait = ms === 0 ? "" : `; the next attempt has to wait ${formatDuration(ms)}`;
  return `${what} for the page from ${by}${wait}`;
}

const GAPS: Record<ConfinementGap["what"], string> = {
  IPC: "not kept from leaving shared memory and message queues behind",
  privileges: "not kept from gaining privileges",
  files: "not kept from the files of their user",
  network: "not kept from the network",
  page: "not kept from this page",
  ports: "not kept from listening on the ports of this server and its page",
  processes: "not kept from seeing the processes of others",
  signals: "not kept from signalling the server",
  "system calls": "not kept from tracing each other",
};

function describeConfined(event: ConfinementSummary): string {
  const { directory, umask, maxFiles, cpuSeconds, maxProcesses, maxFileBytes } = event;
  const { memoryBytes, memoryBy, noCgroupReason, ownUser, noOwnUserReason } = event;
  const parts = [`children run as ${describeUser(event)} in ${directory}, umask ${umask}`];
  if (noOwnUserReason !== null) parts.push(`they share a user: ${noOwnUserReason}`);
  if (maxFiles !== null) parts.push(`files ≤ ${maxFiles}`);
  if (cpuSeconds !== null) parts.push(`cpu ≤ ${formatDuration(cpuSeconds * 1000)}`);
  if (maxProcesses !== null) {
    const how = ownUser ? "" : ", not enforced: children share a user";
    parts.push(`processes ≤ ${maxProcesses}${how}`);
  }
  if (maxFileBytes !== null) parts.push(`file size ≤ ${formatBytes(maxFileBytes)}`);
  if (memoryBytes !== null) {
    const how = memoryBy === "cgroup" ? "by cgroup" : `polled every second (${noCgroupReason})`;
    parts.push(`memory ≤ ${formatBytes(memoryBytes)}, ${how}`);
  }
  const { network, writable, newPrivileges, gaps } = event;
  if (network === "none") parts.push("no network");
  if (writable !== null)
    parts.push(`write ${writable.length === 0 ? "no files" : `only in ${writable.join(", ")}`}`);
  if (newPrivileges) parts.push("may gain privileges");
  for (const { what, reason } of gaps) parts.push(`${GAPS[what]} (${reason})`);
  return parts.join("; ");
}

/** `nobody:nogroup`, or `users of their own (1879048192-2147483647)`. */
export function describeUser({ user, group, ownUser }: ConfinementSummary): string {
  return ownUser ? `users of their own (${user})` : `${user}:${group}`;
}

function describeRequest({ kind, text }: RequestReport): string {
  switch (kind) {
    case "time":
    case "quit":
      return `request ${kind}`;
    case "invalid":
      return `invalid command: ${text}`;
    case "too-long":
      return `line too long: ${text}…`;
  }
}

function describeEnd(event: Ended): string {
  const { reason, signal, exitCode, bytesIn, bytesOut } = event;
  const failed = reason === "crashed" || reason === "program failed";
  const how = signal ?? (failed ? `exit status ${exitCode}` : null);
  const ended = `ended: ${reason}${how === null ? "" : ` (${how})`}, ${formatDuration(event.ms)}`;
  const left = describeLeftovers(event.leftovers);
  if (bytesIn === null || bytesOut === null) return `${ended}${left}`;
  return `${ended}, ${formatBytes(bytesIn)} in, ${formatBytes(bytesOut)} out${left}`;
}

/** How a request was understood. `text` is what the client sent, one character per byte, cut short. */
export interface RequestReport {
  kind: "time" | "quit" | "invalid" | "too-long";
  text: string;
}
