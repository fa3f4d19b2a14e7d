/** One child, live or ended, as JSON. It is found by its session ID alone. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { seriesFields } from "../charts/series-api.ts";
import { childState } from "../http/children-api.ts";
import { isoTime, list, orNull, sessionFields } from "../http/openapi/fields.ts";
import { sessionLogEntrySchema } from "../http/openapi/log-entry.ts";
import { flag, sessionIdParameter, lenient } from "../http/openapi/parameters.ts";
import { errorResponse, jsonResponse, responseSchema } from "../http/openapi/responses.ts";
import { childJson } from "./child-json.ts";
import { processSchema } from "./process-schema.ts";
import type { ChildSources } from "./sources.ts";
import { HISTORY_SPAN_MS, type UsagePoint } from "./usage-history.ts";

const stepSchema: z.ZodType<object> = z.looseObject({
  event: z.string(),
  time: isoTime,
  sinceAcceptedMs: z.number(),
  sincePreviousMs: z.number().nullable(),
});

const childDetailsSchema = responseSchema("ChildDetails", () =>
  z.object({
    ...sessionFields,
    state: z.enum([...childState.options, "ended"]),
    lastActiveAt: isoTime.nullable(),
    lastCommand: z.string().nullable().optional().describe("With contents=1"),
    timeline: list(stepSchema),
    log: list(sessionLogEntrySchema),
    droppedLogEntries: z.int().describe("Log entries that were dropped"),
    processAt: isoTime.nullable().describe("When its process was read"),
    process: orNull(processSchema),
  }),
);

const NOT_FOUND = { error: "no such child, or its session has been deleted" };

const childRoute = createRoute({
  method: "get",
  path: "/api/children/{id}",
  summary: "One child, live or ended: its timeline, its log, its process",
  request: {
    params: sessionIdParameter,
    query: z.object({ contents: flag("Includes what its client sent") }),
  },
  responses: {
    200: jsonResponse(childDetailsSchema, "The child"),
    404: errorResponse("No such child"),
    503: errorResponse("The history does not respond"),
  },
});

const childSeriesRoute = createRoute({
  method: "get",
  path: "/api/children/{id}/series",
  summary: "A child's recent CPU and memory usage",
  request: {
    params: sessionIdParameter,
    query: z.object({
      after: lenient(
        z.coerce.number().optional().describe("Only points from then on, in ms since the epoch"),
      ),
    }),
  },
  responses: {
    200: jsonResponse(
      responseSchema("ChildSeries", () =>
        z.object({ ...seriesFields, ended: z.literal(true).optional() }),
      ),
      "The points; `ended` if there will be no more",
    ),
    404: errorResponse("No such child"),
  },
});

export function childApi({ snapshots, usageHistory, master }: ChildSources): OpenAPIHono {
  const app = new OpenAPIHono();

  app.openapi(childRoute, async (c) => {
    const snapshot = await snapshots.take(c.req.valid("param").id);
    if (snapshot === null) return c.json(NOT_FOUND, 404);
    if (snapshot instanceof Error) return c.json({ error: snapshot.message }, 503);
    return c.json(childJson(snapshot, c.req.valid("query").contents), 200);
  });

  app.openapi(childSeriesRoute, async (c) => {
    const { id } = c.req.valid("param");
    const points = usageHistory.watch(id);
    const isLive = typeof master.find(id) !== "string";
    // A child that nobody watched, or an earlier master's, has no points: only the history
    // knows whether it existed.
    const exists = isLive || points.length > 0 || (await snapshots.take(id)) !== null;
    if (!exists) return c.json(NOT_FOUND, 404);
    return c.json(seriesJson(points, isLive, c.req.valid("query").after ?? 0), 200);
  });

  return app;
}

/** A chart spans at least this, so that a child that has just started grows from the right. */
const MIN_SPAN_MS = 60_000;

/** Points as the columns that charts take, from `after` (ms since the epoch) on. */
function seriesJson(points: readonly UsagePoint[], isLive: boolean, after: number) {
  const wanted = after > 0 ? points.filter(({ at }) => at >= after) : points;
  const to = isLive ? Date.now() : (points.at(-1)?.at ?? Date.now());
  return {
    from: Math.max(to - HISTORY_SPAN_MS, Math.min(points[0]?.at ?? to, to - MIN_SPAN_MS)),
    to,
    at: wanted.map(({ at }) => at),
    series: {
      cpu: wanted.map(({ cpuPercent }) => cpuPercent),
      memory: wanted.map(({ privateBytes }) => privateBytes),
    },
    ...(isLive ? {} : { ended: true as const }),
  };
}
