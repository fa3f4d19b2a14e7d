/** @jsxImportSource hono/jsx */
/** The page of the charts. */
import type { Context } from "hono";
import { Hono } from "hono";
import { viewerOf } from "../http/viewer.tsx";
import { type Range, RANGES, type Series } from "./series.ts";
import { ChartsPage } from "./views/charts.tsx";

export function chartRoutes(series: Series): Hono {
  const app = new Hono();

  app.get("/charts", (c) => {
    const range = rangeOf(c);
    return c.render(<ChartsPage range={range} table={series.table(range)} />, {
      title: viewerOf(c).texts.charts.title,
      charts: true,
    });
  });

  return app;
}

/** An invalid range is ignored. */
function rangeOf(c: Context): Range {
  return RANGES.find((range) => range === c.req.query("range")) ?? "5m";
}
