/** Fields that several responses share. */
import { z } from "@hono/zod-openapi";
import { HISTORY_REASONS } from "../../../shared/history.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import { responseSchema } from "./responses.ts";

export const isoTime = z.string().openapi({ format: "date-time" });

export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item).readonly();
}

/** A schema that has a name, or null: the generator would make the named schema itself nullable. */
export function orNull<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, z.null()]);
}

export const signal = z.enum(SIGNALS);

export const clientAddress = { remoteAddress: z.string(), remotePort: z.int() };

/** Says which session something is about. */
export const sessionIdentity = { id: z.string(), pid: z.int(), ...clientAddress };

export const sessionFigures = {
  servingMs: z.number().nullable(),
  firstReplyMs: z.number().nullable(),
  requests: z.int(),
  bytesIn: z.int().nullable(),
  bytesOut: z.int().nullable(),
};

/** A session as the history stores it. */
export const sessionFields = {
  ...sessionIdentity,
  source: z.string(),
  startedAt: isoTime,
  endedAt: isoTime.nullable(),
  reason: z.enum(HISTORY_REASONS),
  ...sessionFigures,
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  cpuMs: z.number().nullable(),
  maxResidentBytes: z.int().nullable(),
};

export const sessionSchema = responseSchema("Session", () => z.object(sessionFields));

export const receiptFields = {
  by: z.string(),
  sent: list(signal),
  outcome: z.enum(["gone", "stopped", "running", "still there"]),
  ms: z.number(),
  leftovers: z.int().describe("Processes that the child had left behind, and that were killed"),
};

/** What happened to a child after a signal. */
export const receiptSchema = responseSchema("Receipt", () => z.object(receiptFields));
