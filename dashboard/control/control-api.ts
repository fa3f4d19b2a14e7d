/** Pausing, resuming and draining the server, as JSON. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Master } from "../../shared/master.ts";
import { masterState } from "../http/master-api.ts";
import { errorResponse, jsonResponse, responseSchema } from "../http/openapi/responses.ts";
import { operatorOf } from "../http/operator.ts";
import { DEFAULT_DRAIN_TIME, parseDrainTime } from "./drain.ts";

const stateSchema = responseSchema("State", () => z.object({ state: masterState }));

const pauseRoute = createRoute({
  method: "post",
  path: "/api/pause",
  summary: "Stops accepting clients until resumed: they wait in the kernel's queue",
  responses: {
    202: jsonResponse(stateSchema, "Paused"),
    503: errorResponse("The server cannot pause now"),
  },
});

const resumeRoute = createRoute({
  method: "post",
  path: "/api/resume",
  summary: "Accepts clients again",
  responses: {
    202: jsonResponse(stateSchema, "Resumed"),
    503: errorResponse("The server cannot resume now"),
  },
});

const drainRoute = createRoute({
  method: "post",
  path: "/api/drain",
  summary: "Accepts no new clients, lets the live ones finish, then stops the server",
  request: {
    query: z.object({
      time: z
        .string("must be given once")
        .default(DEFAULT_DRAIN_TIME)
        .describe("How long the live clients may take, such as 90s, 10m or 2h; at most 24h")
        .transform((text, context) => {
          const ms = parseDrainTime(text);
          if (ms !== null) return ms;
          context.addIssue("must be a duration such as 90s, 10m or 2h, and at most 24h");
          return z.NEVER;
        }),
    }),
  },
  responses: {
    202: jsonResponse(stateSchema, "Draining"),
    400: errorResponse("No such time"),
    503: errorResponse("The server is stopping already"),
  },
});

export function controlApi(master: Master): OpenAPIHono {
  const app = new OpenAPIHono();

  app.openapi(pauseRoute, (c) => {
    const failed = master.pause(operatorOf(c));
    if (failed !== null) return c.json({ error: failed.message }, 503);
    return c.json({ state: master.status().state }, 202);
  });

  app.openapi(resumeRoute, (c) => {
    const failed = master.resume(operatorOf(c));
    if (failed !== null) return c.json({ error: failed.message }, 503);
    return c.json({ state: master.status().state }, 202);
  });

  app.openapi(drainRoute, async (c) => {
    // A time in the body would be ignored, and the drain take ten minutes.
    if ((await c.req.text()) !== "") return c.json({ error: "put the time in the query" }, 400);
    const failed = master.drain(c.req.valid("query").time, operatorOf(c));
    if (failed !== null) return c.json({ error: failed.message }, 503);
    return c.json({ state: "draining" as const }, 202);
  });

  return app;
}
