import { formatBytes, formatDuration } from "./format.ts";
import type { EndReason } from "./master.ts";
import type { RequestReport } from "./messages.ts";
import type { Signal } from "./signals.ts";

/** Why a client was refused before any process was made for it. */
export type RefuseReason = "too many clients" | "too many clients from this address";

/** Whom an entry of a session is about. */
export interface Who {
  id: string;
  pid: number;
  remoteAddress: string;
  remotePort: number;
}

type Client = Omit<Who, "id" | "pid">;

/**
 * Everything that is ever logged. What came from a client is escaped before it gets in here.
 * A request's `command` is its first four bytes, which is where the tutorial's server looks.
 */
export type LogEvent =
  | { event: "listening"; host: string; port: number; dashboard: string | null; pid: number }
  | ({ event: "confined" } & Confined)
  | ({ event: "accepted"; id: string } & Client)
  | ({ event: "refused"; reason: RefuseReason } & Client)
  | ({ event: "spawned"; spare: boolean } & Who)
  | ({ event: "spawn failed"; id: string; error: string } & Client)
  | ({ event: "serving"; ms: number } & Who)
  | ({ event: "request"; command: string } & Who & RequestReport)
  | ({ event: "requests not listed"; count: number } & Who)
  | ({ event: "signal sent"; signal: Signal } & Who)
  | ({ event: "ended" } & Who & Ended)
  | { event: "warning"; message: string }
  | { event: "stopping"; signal: string; live: number }
  | { event: "stopped"; accepted: number; refused: number };

export interface Ended {
  reason: EndReason;
  exitCode: number | null;
  signal: string | null;
  /** The session's length. */
  ms: number;
  requests: number;
  bytesIn: number;
  bytesOut: number;
  cpuMs: number;
}

/** What holds each child in. */
export interface Confined {
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
  memoryBy: "cgroup" | "looks" | null;
  /** Why not the kernel. */
  noCgroup: string | null;
}

export interface LogEntry {
  /** Counts from 1, without a gap. */
  seq: number;
  /** Milliseconds since the epoch. */
  at: number;
  event: LogEvent;
}

/** One entry in words, without its time and without whom it is about. */
export function describe(event: LogEvent): string {
  switch (event.event) {
    case "listening":
      return `listening on ${event.host} port ${event.port}, master is pid ${event.pid}`;
    case "confined":
      return describeConfined(event);
    case "accepted":
      return "client connected";
    case "refused":
      return `refused: ${event.reason}`;
    case "spawned":
      return event.spare ? "taken by a spare" : "child spawned";
    case "spawn failed":
      return `spawn failed: ${event.error}`;
    case "serving":
      return `child serving after ${event.ms.toFixed(1)} ms`;
    case "request":
      return describeRequest(event);
    case "requests not listed":
      return `${event.count.toLocaleString("en")} more requests, not listed`;
    case "signal sent":
      return `${event.signal} sent by operator`;
    case "ended":
      return describeEnd(event);
    case "warning":
      return event.message;
    case "stopping":
      return `${event.signal} received, stopping ${event.live} live ${event.live === 1 ? "child" : "children"}`;
    case "stopped":
      return `stopped after ${event.accepted} clients, ${event.refused} refused`;
  }
}

function describeConfined(event: Confined): string {
  const { user, group, directory, umask, files, cpu, memory, memoryBy, noCgroup } = event;
  const parts = [`children run as ${user}:${group} in ${directory}, umask ${umask}`];
  if (files !== null) parts.push(`files ≤ ${files}`);
  if (cpu !== null) parts.push(`cpu ≤ ${formatDuration(cpu * 1000)}`);
  if (memory !== null) {
    const how = memoryBy === "cgroup" ? "by cgroup" : `looked at each second (${noCgroup})`;
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
  const how = event.signal ?? (event.reason === "crashed" ? `exit status ${event.exitCode}` : null);
  const traffic = `${formatBytes(event.bytesIn)} in, ${formatBytes(event.bytesOut)} out`;
  return `ended: ${event.reason}${how === null ? "" : ` (${how})`}, ${formatDuration(event.ms)}, ${traffic}`;
}
