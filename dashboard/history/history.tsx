/** @jsxImportSource hono/jsx */
/** The history page and the audit page: past sessions, and what operators did. */
import { asError } from "../../shared/as-error.ts";
import { Hono } from "hono";
import type { History, HistoryFilter, HistoryQuery } from "../../shared/history.ts";
import { exportRoutes } from "./history-export.ts";
import { auditQuery, DEFAULT_LIMIT, historyQuery } from "./history-query.ts";
import { viewerOf } from "../http/viewer.tsx";
import { AuditPage } from "./views/audit.tsx";
import { HistoryPage, type SearchOutcome } from "./views/history.tsx";

const INVALID = { state: "invalid" } as const;
const STATUS = { found: 200, invalid: 400, failed: 503 } as const;

export function historyRoutes(history: History): Hono {
  const app = new Hono();
  app.route("/", exportRoutes(history));

  app.get("/history", async (c) => {
    const query = historyQuery.safeParse(c.req.query());
    const result = query.success ? await search(history, query.data) : INVALID;
    c.status(STATUS[result.state]);
    return c.render(
      <HistoryPage
        history={history}
        filter={query.success ? filterOf(query.data) : {}}
        result={result}
      />,
      { title: viewerOf(c).texts.history.title, live: true },
    );
  });

  app.get("/audit", async (c) => {
    // The page has no form in which an invalid query could be corrected.
    const { data: query = { limit: DEFAULT_LIMIT } } = auditQuery.safeParse(c.req.query());
    const entries = await history.audit(query).catch(asError);
    if (entries instanceof Error) c.status(503);
    return c.render(<AuditPage history={history} query={query} entries={entries} />, {
      title: viewerOf(c).texts.history.audit.title,
      live: true,
    });
  });

  return app;
}

async function search(history: History, query: HistoryQuery): Promise<SearchOutcome> {
  try {
    const [found, totals] = await Promise.all([history.search(query), history.totals(query)]);
    return { state: "found", found, totals, isFirst: query.after === undefined };
  } catch (error) {
    return { state: "failed", reason: asError(error).message };
  }
}

function filterOf({ limit: _limit, after: _after, ...filter }: HistoryQuery): HistoryFilter {
  return filter;
}
