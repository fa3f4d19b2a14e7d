/** The schema of a log entry: one object for each event. */
import { z } from "@hono/zod-openapi";
import { GAP_KINDS, type LogEvent } from "../../../shared/log.ts";
import { END_REASONS, REFUSE_REASONS } from "../../../shared/outcome.ts";
import {
  clientAddress,
  isoTime,
  list,
  receiptFields,
  sessionFigures,
  sessionIdentity,
  signal,
} from "./fields.ts";
import { responseSchema } from "./responses.ts";

/** The fields of each event, checked against their types in shared/log.ts. */
type EventFields = {
  [Event in LogEvent as Event["event"]]: {
    [Field in Exclude<keyof Event, "event">]: z.ZodType<Event[Field]>;
  };
};

/** The events of the master itself. */
function masterEvents() {
  return {
    listening: {
      host: z.string(),
      port: z.int(),
      dashboard: z.string().nullable(),
      pid: z.int(),
    },
    confined: {
      user: z.string(),
      group: z.string(),
      ownUser: z.boolean(),
      noOwnUserReason: z.string().nullable(),
      directory: z.string(),
      umask: z.string(),
      environment: list(z.string()),
      maxFiles: z.int().nullable(),
      cpuSeconds: z.number().nullable(),
      maxProcesses: z.int().nullable(),
      maxFileBytes: z.number().nullable(),
      memoryBytes: z.number().nullable(),
      memoryBy: z.enum(["cgroup", "polling"]).nullable(),
      noCgroupReason: z.string().nullable(),
      network: z.enum(["host", "none"]),
      writable: list(z.string()).nullable(),
      newPrivileges: z.boolean(),
      gaps: list(
        z.object({
          what: z.enum(GAP_KINDS),
          reason: z.string(),
        }),
      ),
    },
    exposed: { what: z.string(), to: z.string() },
    warning: { message: z.string() },
    paused: { reason: z.string(), ms: z.number().nullable(), by: z.string().nullable() },
    resumed: { ms: z.number(), by: z.string().nullable() },
    reloaded: { changed: list(z.string()) },
    draining: { left: z.int(), ms: z.number() },
    stopping: { signal: z.string().nullable(), live: z.int() },
    stopped: { received: z.int(), accepted: z.int(), refused: z.int() },
  };
}

/** The events of one client and its session. */
function sessionEvents() {
  return {
    accepted: {
      id: z.string(),
      startedAt: z.int().describe("When the client was accepted, in ms since the epoch"),
      source: z.string(),
      ...clientAddress,
    },
    refused: {
      reason: z.enum(REFUSE_REASONS),
      detail: z.string().nullable(),
      ...clientAddress,
    },
    "refusals not listed": { count: z.int(), reasons: z.record(z.string(), z.int()) },
    spawned: { spare: z.boolean(), ...sessionIdentity },
    serving: { ms: z.number(), ...sessionIdentity },
    "first reply": { ms: z.number(), ...sessionIdentity },
    request: {
      kind: z.enum(["time", "quit", "invalid", "too-long"]),
      text: z.string(),
      command: z.string(),
      bytesIn: z.int().nullable(),
      bytesOut: z.int().nullable(),
      ...sessionIdentity,
    },
    "requests not listed": { count: z.int(), ...sessionIdentity },
    printed: { text: z.string(), ...sessionIdentity },
    "lines not listed": { count: z.int(), ...sessionIdentity },
    failed: { error: z.string(), ...sessionIdentity },
    overdue: {
      phase: z.enum(["start", "first byte", "idle", "session", "leave"]),
      ms: z.number(),
      ...sessionIdentity,
    },
    ended: {
      reason: z.enum(END_REASONS),
      exitCode: z.int().nullable(),
      signal: z.string().nullable(),
      ms: z.number(),
      ...sessionFigures,
      cpuMs: z.number(),
      maxResidentBytes: z.int(),
      leftovers: z.int(),
      ...sessionIdentity,
    },
  };
}

/** The events of operators' actions. */
function operatorEvents() {
  const job = z.string().nullable().describe("The job that the signal is part of");
  const bulkKill = {
    job: z.string(),
    signal,
    count: z.int(),
    selection: z.string(),
    by: z.string(),
  };
  return {
    "signal sent": { signal, by: z.string(), job, ...sessionIdentity },
    "signal outcome": { ...receiptFields, job, ...sessionIdentity },
    "kill requested": bulkKill,
    "kill cancelled": bulkKill,
    "drain requested": { ms: z.number(), by: z.string() },
    "wrong password": { by: z.string(), count: z.int(), ms: z.number() },
  };
}

function eventFields() {
  return {
    ...masterEvents(),
    ...sessionEvents(),
    ...operatorEvents(),
  } satisfies EventFields;
}

/** The fields of a request that contain what its client sent. */
const CONTENTS = { text: true, command: true } as const;

interface LogEntryOptions {
  /** Fields that each entry has besides its event's own. */
  fields: z.ZodRawShape;
  /** Whether what clients sent is always in it. */
  contents: boolean;
}

function logEntrySchema<Entry>(
  name: string,
  { fields, contents }: LogEntryOptions,
): z.ZodType<Entry> {
  const schema: z.ZodType<unknown> = responseSchema(name, () =>
    z.union(
      Object.entries(eventFields()).map(([event, own]) => {
        const entry = z.object({ ...fields, event: z.literal(event), ...own });
        return event === "request" && !contents ? entry.partial(CONTENTS) : entry;
      }),
    ),
  );
  return schema as z.ZodType<Entry>;
}

/** One line of `--log json`. */
export const logLineSchema = logEntrySchema<object>("LogLine", {
  fields: { time: isoTime },
  contents: true,
});

/** One entry of a session's log. */
export const sessionLogEntrySchema = logEntrySchema<object>("SessionLogEntry", {
  fields: { seq: z.int(), time: isoTime },
  contents: false,
});

/** What was logged of an operator's action. */
export const loggedEventSchema = logEntrySchema<LogEvent>("LoggedEvent", {
  fields: {},
  contents: true,
});
