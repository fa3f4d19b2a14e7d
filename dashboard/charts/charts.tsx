/** @jsxImportSource hono/jsx */
/** The page of charts, and the points that they are drawn from. */
import type { Context } from "hono";
import { Hono } from "hono";
import { viewerOf } from "../http/viewer.tsx";
import { type Range, RANGES, type Series } from "./series.ts";
import { ChartsPage } from "./views/charts.tsx";

export function chartRoutes(series: Series): Hono {
  const app = new Hono();

  app.get("/charts", (c) => {
    const range = rangeOf(c);
    c.header("Cache-Control", "no-store");
    return c.render(<ChartsPage range={range} table={series.table(range)} />, {
      title: viewerOf(c).texts.charts.title,
      charts: true,
    });
  });

  app.get("/api/series", (c) => {
    const after = Number(c.req.query("after") ?? 0);
    if (!Number.isFinite(after))
      return c.json({ error: "after must be a time in ms since the epoch" }, 400);
    return c.json(series.points(rangeOf(c), after));
  });

  return app;
}

/** An invalid range is ignored. */
function rangeOf(c: Context): Range {
  return RANGES.find((range) => range === c.req.query("range")) ?? "5m";
}
