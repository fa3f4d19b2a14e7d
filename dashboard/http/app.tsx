/** @jsxImportSource hono/jsx */
/** The page's routes. What may reach them is decided in guard.ts. */
import { Hono, type MiddlewareHandler } from "hono";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import type { Access } from "../../shared/access.ts";
import type { History } from "../../shared/history.ts";
import type { Master } from "../../shared/master.ts";
import { pstree, pstreeText } from "../../shared/pstree.ts";
import { respond } from "./respond.tsx";
import { api } from "./api.ts";
import { childApi, childPages, createChildSources } from "../child/child.tsx";
import type { Assets } from "./assets.ts";
import { chartRoutes } from "../charts/charts.tsx";
import { controlApi } from "../control/control-api.ts";
import { controlRoutes } from "../control/control.tsx";
import { logStream } from "./log-stream.ts";
import { CONTENT_TYPE } from "../charts/exposition.ts";
import { guard, onlyOperators } from "./guard.ts";
import { historyApi } from "../history/history-api.ts";
import { historyRoutes } from "../history/history.tsx";
import { killRoutes } from "../kill/kill.tsx";
import { openapi } from "./openapi/document.ts";
import { createMetrics } from "../charts/metrics.ts";
import { killManyRoutes } from "../kill/kill-many.tsx";
import { createKillJobs } from "../kill/jobs.ts";
import { killsApi } from "../kill/kills-api.ts";
import { createSampler } from "../page/sample.ts";
import { startSeries } from "../charts/series.ts";
import { eventStream } from "../page/stream.ts";
import { parseView, viewQuery } from "../page/view.ts";
import { viewerOf } from "./viewer.tsx";
import { layout } from "../views/layout.tsx";
import { Page } from "../page/views/page.tsx";

interface AppOptions {
  master: Master;
  history: History;
  /** The address that the page listens on. */
  host: string;
  access: Access;
  assets: Assets;
}

export function createApp({ master, history, host, access, assets }: AppOptions): Hono {
  const app = new Hono();
  const sampler = createSampler(master);
  const series = startSeries(master);
  const metricsText = createMetrics(master, series);
  const kills = createKillJobs(master);

  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    // A client that breaks off in the midst of its body is no fault to tell: anyone could fill the log.
    if (error.name !== "AbortError") console.error(error);
    return c.text("Internal Server Error", 500);
  });
  app.notFound((c) => {
    // A page for who types an address; programs get a line.
    if (!(c.req.header("Accept") ?? "").includes("text/html")) return c.text("Not Found\n", 404);
    return respond(c, 404, viewerOf(c).texts.noPage);
  });
  app.use(...guard(host, access));
  app.use("/children/:id/kill", onlyOperators);
  app.use("/control/*", onlyOperators);
  app.use("/kill/*", onlyOperators);
  app.use("/api/*", keptNowhere);
  app.use(layout);

  app.get("/", (c) => {
    const view = parseView(c.req.queries());
    c.header("Cache-Control", "no-store");
    c.header("HX-Replace-Url", `/${viewQuery(view)}`);
    return c.render(
      <Page sample={sampler.current()} log={master.log()} instance={master.instance} view={view} />,
      { live: true },
    );
  });

  app.get("/pstree", (c) => {
    const { processes, master: status } = sampler.current();
    if (processes instanceof Error) return c.text(`${processes.message}\n`, 503);
    const { scope, charset, compact, pids } = parseView(c.req.queries());
    const root = scope === "host" ? { scope } : { scope, pid: status.pid };
    return c.text(pstreeText(pstree(processes, root, { charset, compact, pids })));
  });

  app.get("/events", eventStream(master, sampler));
  app.get("/metrics", (c) =>
    c.body(metricsText(), 200, { "Content-Type": CONTENT_TYPE, "Cache-Control": "no-store" }),
  );
  app.get("/healthz", (c) => c.text("ok\n"));
  app.get("/readyz", (c) => {
    const { state } = master.status();
    return c.text(`${state}\n`, state === "accepting" ? 200 : 503);
  });
  app.get("/assets/:name", etag(), (c) => {
    const asset = assets.get(c.req.param("name"));
    if (asset === undefined) return c.notFound();
    return c.body(asset.body, 200, { "Content-Type": asset.type, "Cache-Control": "no-cache" });
  });

  app.route("/", chartRoutes(series));
  app.route("/api", api(master, sampler));
  app.get("/api/events", logStream(master));
  app.get("/api/openapi.json", (c) => c.json(openapi()));
  app.route("/api", controlApi(master));
  app.route("/api/kills", killsApi(master, sampler, kills));
  app.route("/api", historyApi(history));
  app.route("/", historyRoutes(history));
  app.route("/children", killRoutes(master));
  app.route("/", killManyRoutes(master, sampler, kills));
  app.route("/control", controlRoutes(master));
  const children = createChildSources(master, history);
  app.route("/children", childPages(children));
  app.route("/api/children", childApi(children));
  return app;
}

/** What programs ask for is of that moment. */
const keptNowhere: MiddlewareHandler = async (c, next) => {
  await next();
  c.header("Cache-Control", "no-store");
};
