/** Plain text for monitoring: is the server up, is it accepting clients, and its metrics. */
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Master } from "../../shared/master.ts";
import { CONTENT_TYPE } from "../charts/exposition.ts";
import { textResponse } from "./openapi/responses.ts";

const healthzRoute = createRoute({
  method: "get",
  path: "/healthz",
  summary: "Whether the server is up. Requires no password",
  security: [],
  responses: { 200: textResponse("It is up") },
});

const readyzRoute = createRoute({
  method: "get",
  path: "/readyz",
  summary: "Whether the server accepts clients. Requires no password",
  security: [],
  responses: {
    200: textResponse("It accepts clients"),
    503: textResponse("It does not accept clients; the text is its state"),
  },
});

const metricsRoute = createRoute({
  method: "get",
  path: "/metrics",
  summary: "Metrics for Prometheus",
  responses: { 200: textResponse("The metrics") },
});

export function probes(master: Master, metricsText: () => string): OpenAPIHono {
  const app = new OpenAPIHono();
  app.openapi(healthzRoute, (c) => c.text("ok\n", 200));
  app.openapi(readyzRoute, (c) => {
    const { state } = master.status();
    return c.text(`${state}\n`, state === "accepting" ? 200 : 503);
  });
  app.openapi(metricsRoute, (c) => c.text(metricsText(), 200, { "Content-Type": CONTENT_TYPE }));
  return app;
}
