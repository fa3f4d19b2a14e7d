/** Past and live sessions, their logs, and what operators did, as JSON. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { asError } from "../../shared/as-error.ts";
import { type AuditEntry, type History, HISTORY_REASONS } from "../../shared/history.ts";
import { describe } from "../../shared/describe-log.ts";
import { isoTime, list, sessionSchema } from "../http/openapi/fields.ts";
import { loggedEventSchema, sessionLogEntrySchema } from "../http/openapi/log-entry.ts";
import { flag, sessionIdParameter } from "../http/openapi/parameters.ts";
import { errorResponse, jsonResponse, responseSchema } from "../http/openapi/responses.ts";
import { logJson, sessionJson } from "../http/session-json.ts";
import { auditQuery, historyFilter, historyQuery } from "./history-query.ts";

const invalid = errorResponse("A parameter is invalid");

const unavailable = errorResponse("The history does not respond");

const searchRoute = createRoute({
  method: "get",
  path: "/api/history",
  summary: "Live and ended sessions, newest first",
  request: { query: historyQuery },
  responses: {
    200: jsonResponse(
      responseSchema("Sessions", () =>
        z.object({
          sessions: list(sessionSchema),
          next: z.string().nullable().describe("The `after` of the next page; null at the end"),
        }),
      ),
      "One page of those that match",
    ),
    400: invalid,
    503: unavailable,
  },
});

const totalsRoute = createRoute({
  method: "get",
  path: "/api/history/totals",
  summary: "Sessions counted by reason and by source",
  request: { query: historyFilter },
  responses: {
    200: jsonResponse(
      responseSchema("Totals", () =>
        z.object({
          sessions: z.int(),
          reasons: list(z.object({ reason: z.enum(HISTORY_REASONS), count: z.int() })),
          sources: list(
            z.object({
              source: z.string(),
              count: z.int(),
              bytesIn: z.int(),
              bytesOut: z.int(),
            }),
          ),
        }),
      ),
      "The totals of those that match",
    ),
    400: invalid,
    503: unavailable,
  },
});

const sessionRoute = createRoute({
  method: "get",
  path: "/api/history/{id}",
  summary: "One session with its log",
  request: {
    params: sessionIdParameter,
    query: z.object({ contents: flag("Includes what its client sent") }),
  },
  responses: {
    200: jsonResponse(
      responseSchema("SessionHistory", () =>
        z.object({
          session: sessionSchema,
          log: list(sessionLogEntrySchema),
          droppedLogEntries: z.int().describe("Log entries that were dropped"),
        }),
      ),
      "The session",
    ),
    404: errorResponse("No such session"),
    503: unavailable,
  },
});

const auditRoute = createRoute({
  method: "get",
  path: "/api/audit",
  summary: "What operators did, newest first",
  request: { query: auditQuery },
  responses: {
    200: jsonResponse(
      responseSchema("Audit", () =>
        z.object({
          entries: list(
            z.object({
              seq: z.int(),
              time: isoTime,
              by: z.string(),
              id: z.string().nullable(),
              text: z.string().describe("As in the log"),
              event: loggedEventSchema,
            }),
          ),
          next: z.int().nullable().describe("The `before` of the next page; null at the end"),
        }),
      ),
      "One page of the audit log",
    ),
    400: invalid,
    503: unavailable,
  },
});

export function historyApi(history: History): OpenAPIHono {
  const app = new OpenAPIHono();

  app.openapi(searchRoute, async (c) => {
    const result = await history.search(c.req.valid("query")).catch(asError);
    if (result instanceof Error) return c.json({ error: result.message }, 503);
    return c.json({ sessions: result.sessions.map(sessionJson), next: result.next }, 200);
  });

  app.openapi(totalsRoute, async (c) => {
    const totals = await history.totals(c.req.valid("query")).catch(asError);
    if (totals instanceof Error) return c.json({ error: totals.message }, 503);
    return c.json(totals, 200);
  });

  app.openapi(sessionRoute, async (c) => {
    const found = await history.session(c.req.valid("param").id).catch(asError);
    if (found instanceof Error) return c.json({ error: found.message }, 503);
    if (found === null) {
      return c.json({ error: "no such session, or it has been deleted" }, 404);
    }
    const { contents } = c.req.valid("query");
    const log = found.log.map((entry) => logJson(entry, contents));
    return c.json(
      { session: sessionJson(found.session), log, droppedLogEntries: found.droppedLogEntries },
      200,
    );
  });

  app.openapi(auditRoute, async (c) => {
    const query = c.req.valid("query");
    const entries = await history.audit(query).catch(asError);
    if (entries instanceof Error) return c.json({ error: entries.message }, 503);
    const next = entries.length < query.limit ? null : (entries.at(-1)?.seq ?? null);
    return c.json({ entries: entries.map(auditJson), next }, 200);
  });

  return app;
}

function auditJson({ seq, at, by, id, event }: AuditEntry) {
  return { seq, time: new Date(at).toISOString(), by, id, text: describe(event), event };
}
