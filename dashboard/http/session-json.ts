/** Sessions, live or ended, and their logs as JSON. */
import type { SessionRecord } from "../../shared/history.ts";
import { entryJson, type LogEntry } from "../../shared/log.ts";

export function sessionJson({ startedAt, endedAt, ...session }: SessionRecord) {
  return {
    ...session,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
}

/** A line of `--log json` with its number. Without `contents`, what the client sent is left out. */
export function logJson(entry: LogEntry, contents: boolean): object {
  const { seq, at, event } = entry;
  if (contents || event.event !== "request") return { seq, ...entryJson(entry) };
  const { text: _text, command: _command, ...rest } = event;
  return { seq, ...entryJson({ seq, at, event: rest as LogEntry["event"] }) };
}
