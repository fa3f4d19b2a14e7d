/** What has been, for programs: sessions, their logs, and what operators did. */
import { asError } from "../../shared/as-error.ts";
import { type Context, Hono } from "hono";
import type { AuditEntry, History } from "../../shared/history.ts";
import { describe } from "../../shared/log.ts";
import { parseAuditQuery, parseHistoryFilter, parseHistoryQuery } from "./history-query.ts";
import { logJson, sessionJson } from "../http/session-json.ts";

export function historyApi(history: History): Hono {
  const app = new Hono();

  app.get("/history", async (c) => {
    const query = parseHistoryQuery(c.req.query());
    if (query instanceof Error) return wrong(c, query);
    return answer(c, history.search(query), ({ sessions, next }) => ({
      sessions: sessions.map(sessionJson),
      next,
    }));
  });

  app.get("/history/totals", async (c) => {
    const filter = parseHistoryFilter(c.req.query());
    if (filter instanceof Error) return wrong(c, filter);
    return answer(c, history.totals(filter), (totals) => totals);
  });

  app.get("/history/:id", async (c) =>
    answer(c, history.session(c.req.param("id")), (found) =>
      found === null
        ? null
        : {
            session: sessionJson(found.session),
            log: found.log.map((entry) => logJson(entry, c.req.query("contents") === "1")),
            notKept: found.notKept,
          },
    ),
  );

  app.get("/audit", async (c) => {
    const query = parseAuditQuery(c.req.query());
    if (query instanceof Error) return wrong(c, query);
    return answer(c, history.audit(query), (entries) => ({
      entries: entries.map(auditJson),
      next: entries.length < query.limit ? null : entries.at(-1)?.seq,
    }));
  });

  return app;
}

/** Answers with what is found; `null` is not. */
async function answer<T>(c: Context, found: Promise<T>, json: (found: T) => object | null) {
  try {
    const body = json(await found);
    if (body === null) return c.json({ error: "no such session, or it was let go" }, 404);
    return c.json(body);
  } catch (error) {
    // The disk's trouble is told in the log and on the page.
    return c.json({ error: asError(error).message }, 503);
  }
}

function wrong(c: Context, { message }: Error) {
  return c.json({ error: message }, 400);
}

/** `text`: what stands in the log. */
function auditJson({ seq, at, by, id, event }: AuditEntry) {
  return { seq, time: new Date(at).toISOString(), by, id, text: describe(event), event };
}
