import { formatBytes, formatDuration } from "./format.ts";
import type { Signal } from "./signals.ts";
import type { EndReason, Phase, Receipt, RefuseReason } from "./outcome.ts";

/** Whom an entry of a session is about. */
export interface SessionIdentity {
  id: string;
  pid: number;
  remoteAddress: string;
  remotePort: number;
}

type Client = Omit<SessionIdentity, "id" | "pid">;

/**
 * Everything that is ever logged. What came from a client is escaped before it gets in here.
 * A request's `command` is its first four bytes, which is where the tutorial's server looks.
 */
export type LogEvent =
  | { event: "listening"; host: string; port: number; dashboard: string | null; pid: number }
  | ({ event: "confined" } & ConfinementSummary)
  /** A program or a terminal is given to clients, and to which. */
  | { event: "exposed"; what: string; to: string }
  /**
   * Told when its child has been started. `startedAt`: when it was accepted, in ms since the epoch. `source`: its
   * address, or the network that counts as one.
   */
  | ({ event: "accepted"; id: string; startedAt: number; source: string } & Client)
  | ({ event: "refused"; reason: RefuseReason; detail: string | null } & Client)
  | { event: "refusals not listed"; count: number; reasons: { [reason: string]: number } }
  | ({ event: "spawned"; spare: boolean } & SessionIdentity)
  | ({ event: "serving"; ms: number } & SessionIdentity)
  /** The first bytes of the service's have been sent, so long after the client was accepted. */
  | ({ event: "first reply"; ms: number } & SessionIdentity)
  /** Its size and that of its reply, where it was told alone; null where it came with others. */
  | ({
      event: "request";
      command: string;
      bytesIn: number | null;
      bytesOut: number | null;
    } & SessionIdentity &
      RequestReport)
  | ({ event: "requests not listed"; count: number } & SessionIdentity)
  /** What the service or the program wants in the log; `failed`: what the service threw, with its stack. */
  | ({ event: "printed"; text: string } & SessionIdentity)
  | ({ event: "lines not listed"; count: number } & SessionIdentity)
  | ({ event: "failed"; error: string } & SessionIdentity)
  | ({ event: "overdue"; phase: Phase; ms: number } & SessionIdentity)
  /** `job`: the order to many that it is a part of; null: it was for this child alone. */
  | ({ event: "signal sent"; signal: Signal; by: string; job: string | null } & SessionIdentity)
  | ({ event: "signal outcome"; job: string | null } & SessionIdentity & Receipt)
  | ({ event: "ended" } & SessionIdentity & Ended)
  | { event: "warning"; message: string }
  /** `ms`: when it is looked again whether it can go on; null: an operator decides. */
  | { event: "paused"; reason: string; ms: number | null; by: string | null }
  | { event: "resumed"; ms: number; by: string | null }
  /** An operator wants many children told to end. */
  | ({ event: "kill requested" } & BulkKill)
  /** What of such an order was not sent yet, and is not to be: so many. */
  | ({ event: "kill cancelled" } & BulkKill)
  | { event: "drain requested"; ms: number; by: string }
  | { event: "reloaded"; changed: readonly string[] }
  | { event: "draining"; left: number; ms: number }
  /** `signal`: what the master got; null where an operator ordered it. */
  | { event: "stopping"; signal: string | null; live: number }
  | { event: "stopped"; received: number; accepted: number; refused: number };

/** `count`: so many children; `which`: how they were chosen, in words. */
export interface BulkKill {
  /** Its id, which each of its signals names. */
  job: string;
  signal: Signal;
  count: number;
  selection: string;
  by: string;
}

export interface Ended {
  reason: EndReason;
  exitCode: number | null;
  signal: string | null;
  /** The session's length. */
  ms: number;
  /** As of the live child. */
  servingMs: number | null;
  firstReplyMs: number | null;
  requests: number;
  /** Null where the client's bytes are a program's alone. */
  bytesIn: number | null;
  bytesOut: number | null;
  cpuMs: number;
  /** The most that was resident at once, in bytes. */
  maxResidentBytes: number;
}

/** What holds each child in. */
export interface ConfinementSummary {
  user: string;
  group: string;
  directory: string;
  /** Octal, three digits. */
  umask: string;
  /** Names of the variables that a child gets from the master. */
  environment: readonly string[];
  /** Descriptors; null: no limit, here and below. */
  files: number | null;
  /** Seconds of processor time. */
  cpu: number | null;
  /** Private bytes. */
  memory: number | null;
  /** Who sees to that: the kernel, or the master, which looks each second; null where nobody need. */
  memoryBy: "cgroup" | "polling" | null;
  /** Why not the kernel. */
  noCgroupReason: string | null;
}

export interface LogEntry {
  /** Counts from 1, without a gap. */
  seq: number;
  /** Milliseconds since the epoch. */
  at: number;
  event: LogEvent;
}

/** One entry as programs get it: a line of `--log json`. */
export function entryJson({ at, event: { event, ...rest } }: LogEntry): object {
  return { event, time: new Date(at).toISOString(), ...rest };
}

/** One entry in words, without its time and without whom it is about. */
export function describe(event: LogEvent): string {
  switch (event.event) {
    case "listening":
      return `listening on ${event.host} port ${event.port}, master is pid ${event.pid}`;
    case "confined":
      return describeConfined(event);
    case "exposed":
      return `${event.what}, for ${event.to}`;
    case "accepted":
      return "client connected";
    case "refused":
      return `refused: ${event.reason}${event.detail === null ? "" : ` (${event.detail})`}`;
    case "refusals not listed":
      return `${event.count.toLocaleString("en")} more refused, not listed: ${listCounts(event.reasons)}`;
    case "spawned":
      return event.spare ? "taken by a spare" : "child spawned";
    case "serving":
      return `child serving after ${event.ms.toFixed(1)} ms`;
    case "first reply":
      return `first reply after ${formatDuration(event.ms)}`;
    case "request":
      return describeRequest(event);
    case "requests not listed":
      return `${event.count.toLocaleString("en")} more requests, not listed`;
    case "printed":
      return event.text;
    case "lines not listed":
      return `${event.count.toLocaleString("en")} more lines, not listed`;
    case "failed":
      return `the service failed: ${event.error}`;
    case "overdue":
      return `stuck: ${PHASES[event.phase]} for ${formatDuration(event.ms)}`;
    case "signal sent":
      return `${event.signal} sent by ${event.by}`;
    case "signal outcome":
      return `${describeReceipt(event)} (asked for by ${event.by})`;
    case "ended":
      return describeEnd(event);
    case "warning":
      return event.message;
    case "paused":
      return `accepting is paused${event.ms === null ? "" : ` for ${formatDuration(event.ms)}`}: ${event.reason}`;
    case "resumed":
      return `accepting again after ${formatDuration(event.ms)}${event.by === null ? "" : `, by ${event.by}`}`;
    case "kill requested":
      return `${event.signal} to ${children(event.count)} (${event.selection}) ordered by ${event.by}`;
    case "kill cancelled":
      return `${event.signal} to ${children(event.count)} more (${event.selection}) cancelled by ${event.by}`;
    case "drain requested":
      return `drain of ${formatDuration(event.ms)} ordered by ${event.by}`;
    case "reloaded":
      return event.changed.length === 0
        ? "options read again: nothing has changed"
        : `options read again: ${event.changed.join(", ")}`;
    case "draining":
      return `draining: ${children(event.left)} left, ${formatDuration(event.ms)} at the most`;
    case "stopping":
      return `${event.signal === null ? "" : `${event.signal} received, `}stopping ${children(event.live)}`;
    case "stopped":
      return `stopped after ${event.accepted} clients, ${event.refused} refused`;
  }
}

const PHASES: Record<Phase, string> = {
  start: "has not begun to serve",
  "first byte": "serves a client that says nothing",
  idle: "serves a client that is silent",
  session: "serves",
  leave: "takes leave",
};

/** `TERM sent, gone after 12 ms`, `TERM sent, then KILL, gone after 5.0 s`, `STOP sent, stopped`. */
export function describeReceipt({ sent, outcome, ms }: Receipt): string {
  const [first, ...more] = sent;
  const signals = [`${first} sent`, ...more.map((signal) => `then ${signal}`)].join(", ");
  const after = outcome === "gone" || outcome === "still there";
  return `${signals}, ${outcome}${after ? ` after ${formatDuration(ms)}` : ""}`;
}

function children(count: number): string {
  return count === 1 ? "1 live child" : `${count} live children`;
}

function listCounts(counts: { [name: string]: number }): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} × ${name}`)
    .join(", ");
}

function describeConfined(event: ConfinementSummary): string {
  const { user, group, directory, umask, files, cpu, memory, memoryBy, noCgroupReason } = event;
  const parts = [`children run as ${user}:${group} in ${directory}, umask ${umask}`];
  if (files !== null) parts.push(`files ≤ ${files}`);
  if (cpu !== null) parts.push(`cpu ≤ ${formatDuration(cpu * 1000)}`);
  if (memory !== null) {
    const how = memoryBy === "cgroup" ? "by cgroup" : `looked at each second (${noCgroupReason})`;
    parts.push(`memory ≤ ${formatBytes(memory)}, ${how}`);
  }
  return parts.join("; ");
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
  if (bytesIn === null || bytesOut === null) return ended;
  return `${ended}, ${formatBytes(bytesIn)} in, ${formatBytes(bytesOut)} out`;
}

/**
 * What a child tells its master over IPC. Few and small: a child at human speed reports each
 * request as it happens; a busy one reports a few times a second, whatever it is asked.
 */

/** How a request was understood. `text` is what the client sent, one character per byte, cut short. */
export interface RequestReport {
  kind: "time" | "quit" | "invalid" | "too-long";
  text: string;
}
