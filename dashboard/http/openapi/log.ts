/** The schema of a log entry: what each event has. */
import { type LogEvent } from "../../../shared/log.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import {
  described,
  flag,
  integer,
  list,
  mapOf,
  number,
  object,
  oneOf,
  orNull,
  type Properties,
  type Schema,
  text,
} from "./schema.ts";
import { END_REASONS, REFUSE_REASONS } from "../../../shared/outcome.ts";

const client = { remoteAddress: text, remotePort: integer };

/** Whom an entry of a session is about. */
const who = { id: text, pid: integer, ...client };

const signal = oneOf(SIGNALS);

const job = described(orNull(text), "the order to many that it is a part of");

/** What became of a signal. */
export const RECEIPT = {
  by: text,
  sent: list(signal),
  outcome: oneOf(["gone", "stopped", "running", "still there"]),
  ms: number,
};

export const SESSION_FIGURES = {
  servingMs: orNull(number),
  firstReplyMs: orNull(number),
  requests: integer,
  bytesIn: orNull(integer),
  bytesOut: orNull(integer),
};

const EVENTS = {
  listening: { host: text, port: integer, dashboard: orNull(text), pid: integer },
  confined: {
    user: text,
    group: text,
    directory: text,
    umask: text,
    environment: list(text),
    files: orNull(integer),
    cpu: orNull(number),
    memory: orNull(number),
    memoryBy: orNull(oneOf(["cgroup", "polling"])),
    noCgroupReason: orNull(text),
  },
  exposed: { what: text, to: text },
  accepted: {
    id: text,
    startedAt: described(integer, "when it was accepted, in ms since the epoch"),
    source: text,
    ...client,
  },
  refused: { reason: oneOf(REFUSE_REASONS), detail: orNull(text), ...client },
  "refusals not listed": { count: integer, reasons: mapOf(integer) },
  spawned: { spare: flag, ...who },
  serving: { ms: number, ...who },
  "first reply": { ms: number, ...who },
  request: {
    kind: oneOf(["time", "quit", "invalid", "too-long"]),
    text,
    command: text,
    bytesIn: orNull(integer),
    bytesOut: orNull(integer),
    ...who,
  },
  "requests not listed": { count: integer, ...who },
  printed: { text, ...who },
  "lines not listed": { count: integer, ...who },
  failed: { error: text, ...who },
  overdue: {
    phase: oneOf(["start", "first byte", "idle", "session", "leave"]),
    ms: number,
    ...who,
  },
  "signal sent": { signal, by: text, job, ...who },
  "signal outcome": { ...RECEIPT, job, ...who },
  ended: {
    reason: oneOf(END_REASONS),
    exitCode: orNull(integer),
    signal: orNull(text),
    ms: number,
    ...SESSION_FIGURES,
    cpuMs: number,
    maxResidentBytes: integer,
    ...who,
  },
  warning: { message: text },
  paused: { reason: text, ms: orNull(number), by: orNull(text) },
  resumed: { ms: number, by: orNull(text) },
  "kill requested": { job: text, signal, count: integer, selection: text, by: text },
  "kill cancelled": { job: text, signal, count: integer, selection: text, by: text },
  "drain requested": { ms: number, by: text },
  reloaded: { changed: list(text) },
  draining: { left: integer, ms: number },
  stopping: { signal: orNull(text), live: integer },
  stopped: { received: integer, accepted: integer, refused: integer },
} satisfies Record<LogEvent["event"], Properties>;

/** An entry with these besides what its event has; `hidden` are left out where contents were not asked for. */
export function logEntry(besides: Properties, hidden: readonly string[] = []): Schema {
  const events = Object.entries(EVENTS).map(([event, properties]: [string, Properties]) => {
    const all = Object.entries({ ...besides, event: { const: event }, ...properties });
    return object(
      Object.fromEntries(all.filter(([name]) => !isHidden(event, name))),
      Object.fromEntries(all.filter(([name]) => isHidden(event, name))),
    );
  });
  return { anyOf: events };

  function isHidden(event: string, name: string): boolean {
    return event === "request" && hidden.includes(name);
  }
}
