/** The master and its rooms, as JSON. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { MasterJson } from "../../shared/api.ts";
import { describeLimit } from "../../shared/limits.ts";
import { describe } from "../../shared/describe-log.ts";
import { REFUSE_REASONS } from "../../shared/outcome.ts";
import type { Master, MasterStatus } from "../../shared/master.ts";
import { isoTime, list } from "./openapi/fields.ts";
import { jsonResponse, responseSchema } from "./openapi/responses.ts";

export const masterState = z.enum(["accepting", "paused", "draining", "stopping"]);

const masterSchema = responseSchema("Master", () =>
  z.object({
    pid: z.int(),
    startedAt: isoTime,
    host: z.string(),
    port: z.int(),
    service: z.string().describe("What each client gets"),
    serves: z.enum(["built-in", "module", "exec", "pty"]),
    state: masterState,
    until: isoTime.nullable().describe("When the pause or the drain ends at the latest"),
    pausedBy: z.string().nullable(),
    maxClients: z.int(),
    live: z.int(),
    peak: z.int(),
    received: z.int().describe("Always accepted + refused + waiting"),
    accepted: z.int().describe("Always live + ended"),
    ended: z.int(),
    refused: z.int(),
    waiting: z.int(),
    refusals: list(
      z.object({
        reason: z.enum(REFUSE_REASONS),
        count: z.int(),
        lastAt: isoTime,
        lastAddress: z.string(),
      }),
    ),
    limits: list(z.object({ name: z.string(), value: z.string() })),
    confinement: z.string().describe("How each child is confined"),
    spares: z.int().describe("How many spares the master tries to have"),
    sparesByState: z.object({ starting: z.int(), ready: z.int() }),
  }),
);

const masterRoute = createRoute({
  method: "get",
  path: "/api/master",
  summary: "The master: its state, counters and limits",
  responses: { 200: jsonResponse(masterSchema, "The master now") },
});

const roomsRoute = createRoute({
  method: "get",
  path: "/api/rooms",
  summary: "The rooms in which clients talk to each other",
  responses: {
    200: jsonResponse(
      list(responseSchema("Room", () => z.object({ name: z.string(), size: z.int() }))),
      "The largest first",
    ),
  },
});

export function masterApi(master: Master): OpenAPIHono {
  const app = new OpenAPIHono();
  app.openapi(masterRoute, (c) => c.json(masterJson(master.status()), 200));
  app.openapi(roomsRoute, (c) => c.json(master.snapshot().rooms, 200));
  return app;
}

function masterJson(status: MasterStatus): MasterJson {
  const { startedAt, until, refusals, limits, confinement, ...master } = status;
  return {
    ...master,
    limits: limits.map(({ name, value }) => ({ name, value: describeLimit(value) })),
    confinement: describe({ event: "confined", ...confinement }),
    startedAt: new Date(startedAt).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
    refusals: refusals.map(({ lastAt, ...refusal }) => ({
      ...refusal,
      lastAt: new Date(lastAt).toISOString(),
    })),
  };
}
