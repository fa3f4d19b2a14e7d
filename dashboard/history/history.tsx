/** @jsxImportSource hono/jsx */
/** The pages of what has been: sessions, and what operators did. */
import { asError } from "../../shared/as-error.ts";
import { Hono } from "hono";
import type { History, HistoryFilter, HistoryQuery } from "../../shared/history.ts";
import { exportRoutes } from "./history-export.ts";
import { parseAuditQuery, parseHistoryQuery, DEFAULT_LIMIT } from "./history-query.ts";
import { viewerOf } from "../http/viewer.tsx";
import { AuditPage } from "./views/audit.tsx";
import { HistoryPage, type Result } from "./views/history.tsx";

export function historyRoutes(history: History): Hono {
  const app = new Hono();
  app.route("/", exportRoutes(history));

  app.get("/history", async (c) => {
    const query = parseHistoryQuery(c.req.query());
    const filter = query instanceof Error ? {} : filterOf(query);
    const result: Result =
      query instanceof Error
        ? { wrong: query }
        : await Promise.all([history.search(query), history.totals(query)])
            .then(([found, totals]) => ({ found, totals, isFirst: query.after === undefined }))
            .catch((error: unknown) => ({ failed: asError(error).message }));
    c.header("Cache-Control", "no-store");
    if ("wrong" in result) c.status(400);
    if ("failed" in result) c.status(503);
    return c.render(<HistoryPage history={history} filter={filter} result={result} />, {
      title: viewerOf(c).texts.history.title,
      live: true,
    });
  });

  app.get("/audit", async (c) => {
    const query = parseAuditQuery(c.req.query());
    // What makes no sense is as if it were not there: there is nothing to search by.
    const asked = query instanceof Error ? { limit: DEFAULT_LIMIT } : query;
    const entries = await history.audit(asked).catch((error: unknown) => asError(error).message);
    c.header("Cache-Control", "no-store");
    if (typeof entries === "string") c.status(503);
    return c.render(<AuditPage history={history} query={asked} entries={entries} />, {
      title: viewerOf(c).texts.history.audit.title,
      live: true,
    });
  });

  return app;
}

function filterOf({ limit: _limit, after: _after, ...filter }: HistoryQuery): HistoryFilter {
  return filter;
}
