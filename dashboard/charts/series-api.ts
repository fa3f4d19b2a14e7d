/** What the charts are drawn from, as JSON. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { list } from "../http/openapi/fields.ts";
import { lenient } from "../http/openapi/parameters.ts";
import { errorResponse, jsonResponse, responseSchema } from "../http/openapi/responses.ts";
import { RANGES, type Series } from "./series.ts";

/** Columns of equal length: the times of the points, and the points of each series. */
export const seriesFields = {
  from: z.number().describe("In ms since the epoch, as all times here"),
  to: z.number(),
  at: list(z.number()),
  series: z.record(z.string(), list(z.number().nullable())),
};

const seriesRoute = createRoute({
  method: "get",
  path: "/api/series",
  summary: "What the charts are drawn from",
  request: {
    query: z.object({
      range: lenient(z.enum(RANGES).default("5m")),
      after: z.coerce
        .number("must be a time in ms since the epoch")
        .default(0)
        .describe("Only points from then on, in ms since the epoch"),
    }),
  },
  responses: {
    200: jsonResponse(
      responseSchema("Series", () => z.object(seriesFields)),
      "The points of that range",
    ),
    400: errorResponse("No such time"),
  },
});

export function seriesApi(series: Series): OpenAPIHono {
  const app = new OpenAPIHono();
  app.openapi(seriesRoute, (c) => {
    const { range, after } = c.req.valid("query");
    return c.json(series.points(range, after), 200);
  });
  return app;
}
