/** The bodies of requests for signals to many children, and of their responses. */
import { z } from "@hono/zod-openapi";
import { isoTime, list, sessionIdentity, signal } from "../http/openapi/fields.ts";
import { signalParameter } from "../http/openapi/parameters.ts";
import { responseSchema } from "../http/openapi/responses.ts";

export const BODY_ERROR = "the body must be one JSON object";

const expectError = "must be a number of children";

/** Rejects unknown fields: a misspelt `dryRun` must not kill anything. */
export const bulkKillSchema = z
  .strictObject(
    {
      ids: z
        .array(z.string("must be a list of session IDs"), "must be a list of session IDs")
        .optional()
        .describe("The children with these session IDs; otherwise"),
      filter: z
        .string("must be a string")
        .optional()
        .describe("those that the page finds with this filter,"),
      source: z.string("must be a string").optional().describe("and that come from this source"),
      signal: signalParameter,
      // oxlint-disable-next-line unicorn/no-thenable -- the API's own name, not a promise
      then: z.enum(["KILL"], "must be KILL").optional().describe("Sends KILL after 5 s"),
      expect: z
        .int(expectError)
        .min(0, expectError)
        .optional()
        .describe("Sends nothing unless exactly this many live children match"),
      dryRun: z
        .boolean("must be true or false")
        .default(false)
        .describe("Sends nothing and returns which children would get the signal"),
    },
    {
      error: (issue) =>
        issue.code === "unrecognized_keys"
          ? `there is no field ${JSON.stringify(issue.keys[0]?.slice(0, 32))}`
          : BODY_ERROR,
    },
  )
  .refine(
    ({ ids, filter, source }) =>
      (ids === undefined) !== (filter === undefined && source === undefined),
    "choose the children either by ids, or by filter, source or both",
  )
  .openapi("BulkKillRequest");

const counts = {
  count: z.int().describe("Live children"),
  alreadyEnded: z.int().describe("Those among `ids` that have already ended"),
};

export const planSchema = responseSchema("BulkKillPlan", () =>
  z.object({
    ...counts,
    sources: list(z.object({ source: z.string(), count: z.int() })),
    children: list(z.object(sessionIdentity)),
  }),
);

export const startedSchema = responseSchema("BulkKillStarted", () =>
  z.object({ job: z.string(), ...counts }),
);

export const countMismatchSchema = z.object({ error: z.string(), count: counts.count });

export const noChildrenSchema = z.object({ error: z.string(), alreadyEnded: counts.alreadyEnded });

/** Always total = waiting + open + the sum of `outcomes`. */
const jobFields = {
  job: z.string(),
  time: isoTime,
  by: z.string(),
  signal,
  graceMs: z.number().nullable().describe("When KILL follows; null: it does not"),
  selection: z.string().describe("How the children were chosen"),
  total: z.int(),
  waiting: z.int().describe("Children that the signal has not been sent to yet"),
  open: z.int().describe("Children whose outcome is not known yet"),
  outcomes: z.record(z.string(), z.int()),
  cancelledBy: z.string().nullable(),
  endedAt: isoTime.nullable(),
};

export const jobSchema = responseSchema("Job", () => z.object(jobFields));

export const jobDetailsSchema = responseSchema("JobDetails", () =>
  z.object({
    ...jobFields,
    children: list(
      z.object({
        ...sessionIdentity,
        outcome: z.string(),
        sent: list(signal),
        ms: z.number().nullable(),
      }),
    ).describe("The worst outcomes first, at most 200"),
  }),
);
