/**
 * The only place that logs: stores the newest entries for the page, and prints each one in the chosen format.
 * What comes from a client was escaped before it gets here.
 */
import { formatAddress } from "../../shared/address.ts";
import { formatTime } from "../../shared/format.ts";
import {
  describe,
  entryJson,
  type LogEntry,
  type LogEvent,
  type SessionIdentity,
} from "../../shared/log.ts";
import type { LogFormat } from "../options/options.ts";
import { createListeners } from "./listeners.ts";

/** Entries stored for the page. */
export const MAX_LOG_ENTRIES = 500;

export interface Log {
  write(event: LogEvent): void;
  /** Calls `listener` with each entry from now on; returns a function that stops that. */
  follow(listener: (entry: LogEntry) => void): () => void;
  /** Returns the stored entries, oldest first. */
  entries(): readonly LogEntry[];
}

const FORMATS: Record<LogFormat, (entry: LogEntry) => readonly string[]> = {
  pretty: ({ at, event }) => [`${formatTime(at)}  ${columns(event)}${describe(event)}`],
  json: (entry) => [JSON.stringify(entryJson(entry))],
  tutorial: ({ event }) => tutorialLines(event).map((line) => `SERVER >> ${line}`),
};

/** `print` takes a whole line without its newline. */
export function createLog(format: LogFormat, print: (line: string) => void): Log {
  const linesOf = FORMATS[format];
  const entries: LogEntry[] = [];
  const listeners = createListeners<LogEntry>();
  let seq = 0;
  return {
    write(event) {
      seq += 1;
      const entry = { seq, at: Date.now(), event };
      entries.push(entry);
      if (entries.length > MAX_LOG_ENTRIES) entries.shift();
      for (const line of linesOf(entry)) print(line);
      listeners.notify(entry);
    },
    follow: listeners.add,
    entries: () => entries,
  };
}

/** PID and session in columns, then the client's address; empty for events of the master itself. */
function columns(event: LogEvent): string {
  if (!("remoteAddress" in event)) return "";
  const pid = "pid" in event ? String(event.pid) : "-";
  const id = "id" in event ? event.id : "-";
  return `${pid.padStart(7)}  ${id.padEnd(12)}  ${formatAddress(event.remoteAddress, event.remotePort)}  `;
}

/** What the tutorial's server prints for this event, in its own spelling; often nothing. */
function tutorialLines(event: LogEvent): string[] {
  switch (event.event) {
    case "accepted":
      return [`client connect : ${event.remoteAddress}:${event.remotePort}`];
    case "spawned":
    case "serving":
      return ["fork"]; // the parent and the child each print one
    case "refused":
      if (event.reason !== "no process could be started") return [];
      return [`client connect : ${event.remoteAddress}:${event.remotePort}`, "fork failed"];
    case "request":
      return [`recive data : ${event.text}`, requestLine(event)];
    case "ended":
      if (event.reason !== "client left" && event.reason !== "client reset") return [];
      return [`client connection broken : ${event.remoteAddress}:${event.remotePort}`];
    default:
      return [];
  }
}

function requestLine(event: Extract<LogEvent, { event: "request" }> & SessionIdentity): string {
  const client = `client(${event.remotePort})`;
  switch (event.kind) {
    case "time":
      return `${client} time data request`;
    case "quit":
      return `${client} quit request`;
    default:
      return `${client} invalid command ${event.command}`;
  }
}
