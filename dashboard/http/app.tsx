/** @jsxImportSource hono/jsx */
/** All routes of the dashboard. The guard decides which requests reach them. */
import "./openapi/no-eval.ts";
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import type { Access, CheckPeer } from "../../shared/access.ts";
import type { History } from "../../shared/history.ts";
import type { Master } from "../../shared/master.ts";
import { respond } from "./respond.tsx";
import { childPages } from "../child/child.tsx";
import { childApi } from "../child/child-api.ts";
import { createChildSources } from "../child/sources.ts";
import type { Assets } from "./assets.ts";
import type { ConnectionLimit } from "./connection-limit.ts";
import { chartRoutes } from "../charts/charts.tsx";
import { controlApi } from "../control/control-api.ts";
import { controlRoutes } from "../control/control.tsx";
import { childrenApi } from "./children-api.ts";
import { logStreamApi } from "./log-stream.ts";
import { masterApi } from "./master-api.ts";
import { eventStreamResponse, rejectInvalid, textResponse } from "./openapi/responses.ts";
import { probes } from "./probes.ts";
import { acceptsHtml } from "./refuse.tsx";
import { createSignInLimit } from "./sign-in-limit.ts";
import { treeApi } from "./tree-api.ts";
import { seriesApi } from "../charts/series-api.ts";
import { killApi } from "../kill/kill-api.ts";
import { guard, onlyOperators } from "./guard.ts";
import { historyApi } from "../history/history-api.ts";
import { historyRoutes } from "../history/history.tsx";
import { killRoutes } from "../kill/kill.tsx";
import { serveDocument } from "./openapi/document.ts";
import { createMetrics } from "../charts/metrics.ts";
import { killManyRoutes } from "../kill/kill-many.tsx";
import { createKillJobs } from "../kill/jobs.ts";
import { killsApi } from "../kill/kills-api.ts";
import { createSampler } from "../page/sample.ts";
import { startSeries } from "../charts/series.ts";
import { eventStream } from "../page/stream.ts";
import { parseView, viewQuery } from "../page/view.ts";
import { detectLanguage, viewerOf } from "./viewer.tsx";
import { layout } from "../views/layout.tsx";
import { Page } from "../page/views/page.tsx";

interface AppOptions {
  master: Master;
  history: History;
  /** The address that the page listens on. */
  host: string;
  access: Access;
  checkPeer: CheckPeer | null;
  /** Null where connections are not limited. */
  connections: ConnectionLimit | null;
  assets: Assets;
}

/** What the page shows is soon outdated, and not meant for caches. */
const noStore: MiddlewareHandler = async (c, next) => {
  await next();
  const isAsset = c.req.path.startsWith("/assets/") && c.res.status < 400;
  const own = c.res.headers.get("Cache-Control"); // of a stream
  if (!isAsset) c.header("Cache-Control", own === null ? "no-store" : `${own}, no-store`);
};

const pageEventsRoute = createRoute({
  method: "get",
  path: "/events",
  summary: "The page's own stream: HTML, which may change",
  responses: {
    200: eventStreamResponse("Server-sent events"),
    405: textResponse("GET only"),
    503: textResponse("Too many pages are open"),
  },
});

export function createApp({
  master,
  history,
  assets,
  connections,
  ...options
}: AppOptions): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: rejectInvalid });
  const sampler = createSampler(master);
  const series = startSeries(master);
  const jobs = createKillJobs(master);
  const children = createChildSources(master, history);
  const signInLimit = createSignInLimit();

  app.onError(respondToError);
  app.notFound((c) => {
    // A page for people who type an address; programs get a line.
    if (!acceptsHtml(c)) return c.text("Not Found\n", 404);
    return respond(c, 404, viewerOf(c).texts.noPage);
  });
  app.use(noStore, detectLanguage, layout);
  app.use(...guard({ ...options, limit: signInLimit, log: master.logWrongPassword }));
  app.use((c, next) => {
    connections?.onRequest(c);
    return next();
  });
  app.use("/children/:id/kill", onlyOperators);
  app.use("/control/*", onlyOperators);
  app.use("/kill/*", onlyOperators);

  app.get("/", (c) => {
    const view = parseView(c.req.queries());
    c.header("HX-Replace-Url", `/${viewQuery(view)}`);
    return c.render(
      <Page sample={sampler.current()} log={master.log()} instance={master.instance} view={view} />,
      { live: true },
    );
  });

  app.get("/assets/:name", etag(), (c) => {
    const asset = assets.get(c.req.param("name"));
    if (asset === undefined) return c.notFound();
    return c.body(asset.body, 200, { "Content-Type": asset.type, "Cache-Control": "no-cache" });
  });

  // For programs, and described in /api/openapi.json.
  app.openapi(pageEventsRoute, eventStream(master, sampler));
  app.route("/", probes(master, createMetrics(master, series, { signInLimit, connections })));
  app.route("/", treeApi(sampler));
  app.route("/", masterApi(master));
  app.route("/", childrenApi(master, sampler));
  app.route("/", killApi(master));
  app.route("/", killsApi(master, sampler, jobs));
  app.route("/", childApi(children));
  app.route("/", seriesApi(series));
  app.route("/", logStreamApi(master));
  app.route("/", historyApi(history));
  app.route("/", controlApi(master));
  serveDocument(app);

  // For people.
  app.route("/", chartRoutes(series));
  app.route("/", historyRoutes(history));
  app.route("/", killRoutes(master));
  app.route("/", killManyRoutes(master, sampler, jobs));
  app.route("/", controlRoutes(master));
  app.route("/children", childPages(children));
  return app;
}

function respondToError(error: Error, c: Context): Response {
  if (error instanceof HTTPException) return error.getResponse();
  // A client that disconnects while it sends its body is not our error, and could fill the log.
  if (error.name !== "AbortError") console.error(error);
  return c.text("Internal Server Error", 500);
}
