/** A log entry as the lines that each `--log` format prints. */
import { formatAddress } from "../../shared/address.ts";
import { describe } from "../../shared/describe-log.ts";
import { formatTime } from "../../shared/format.ts";
import { entryJson, type LogEntry, type LogEvent, type SessionIdentity } from "../../shared/log.ts";
import type { LogFormat } from "../options/options.ts";

/** PID and session in columns, then the client's address; empty for events of the master itself. */
function columns(event: LogEvent): string {
  if (!("remoteAddress" in event)) return "";
  const pid = "pid" in event ? String(event.pid) : "-";
  const id = "id" in event ? event.id : "-";
  return `${pid.padStart(7)}  ${id.padEnd(12)}  ${formatAddress(event.remoteAddress, event.remotePort)}  `;
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

/** Returns whole lines without their newlines. */
export const LOG_LINES: Record<LogFormat, (entry: LogEntry) => readonly string[]> = {
  pretty: ({ at, event }) => [`${formatTime(at)}  ${columns(event)}${describe(event)}`],
  json: (entry) => [JSON.stringify(entryJson(entry))],
  tutorial: ({ event }) => tutorialLines(event).map((line) => `SERVER >> ${line}`),
};
