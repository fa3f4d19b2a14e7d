/**
 * The only place that logs: stores the newest entries for the page, and prints each one in the
 * chosen format. What comes from a client was escaped before it gets here.
 */
import type { LogEntry, LogEvent } from "../../shared/log.ts";
import type { LogFormat } from "../options/options.ts";
import { createListeners } from "./listeners.ts";
import { LOG_LINES } from "./log-lines.ts";

/** Entries stored for the page. */
const MAX_LOG_ENTRIES = 500;

export interface Log {
  write(event: LogEvent): void;
  /** Calls `listener` with each entry from now on; returns a function that stops that. */
  follow(listener: (entry: LogEntry) => void): () => void;
  /** Returns the stored entries, oldest first. */
  entries(): readonly LogEntry[];
}

/** `print` takes a whole line without its newline. */
export function createLog(format: LogFormat, print: (line: string) => void): Log {
  const linesOf = LOG_LINES[format];
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
