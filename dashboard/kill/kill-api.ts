/** Sending a signal to one child, as JSON. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Master } from "../../shared/master.ts";
import { KILL_GRACE_MS } from "../../shared/signals.ts";
import { receiptSchema, signal } from "../http/openapi/fields.ts";
import {
  flag,
  sessionIdParameter,
  lenient,
  signalParameter,
  thenParameter,
} from "../http/openapi/parameters.ts";
import { errorResponse, jsonResponse, responseSchema } from "../http/openapi/responses.ts";
import { operatorOf } from "../http/operator.ts";

const sentSchema = responseSchema("Sent", () =>
  z.object({
    id: z.string(),
    pid: z.int(),
    signal,
    sent: z.literal(true),
    receipt: receiptSchema.optional().describe("With wait=1"),
  }),
);

const killRoute = createRoute({
  method: "delete",
  path: "/api/children/{id}",
  summary: "Sends a signal to a child",
  request: {
    params: sessionIdParameter,
    query: z.object({
      signal: signalParameter,
      // oxlint-disable-next-line unicorn/no-thenable -- the API's own name, not a promise
      then: lenient(thenParameter),
      wait: flag("Responds only when the outcome is known"),
    }),
  },
  responses: {
    200: jsonResponse(sentSchema, "With wait=1: sent, with its receipt"),
    202: jsonResponse(sentSchema, "Sent"),
    400: errorResponse("No such signal"),
    404: errorResponse("No such child"),
    410: errorResponse("The child has already ended"),
  },
});

export function killApi(master: Master): OpenAPIHono {
  const app = new OpenAPIHono();

  app.openapi(killRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { signal, then, wait } = c.req.valid("query");
    const graceMs = then === "KILL" ? KILL_GRACE_MS : null;
    const result = master.kill(id, { signal, by: operatorOf(c), graceMs, job: null });
    switch (result.outcome) {
      case "unknown":
        return c.json({ error: "no such child" }, 404);
      case "already ended":
        return c.json({ error: "this child has already ended" }, 410);
      case "sent": {
        const sent = { id, pid: result.child.pid, signal, sent: true } as const;
        if (!wait) return c.json(sent, 202);
        return c.json({ ...sent, receipt: await result.receipt }, 200);
      }
    }
  });

  return app;
}
