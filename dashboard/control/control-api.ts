/** Pausing, resuming and draining the server, for programs. */
import { Hono } from "hono";
import type { Master } from "../../shared/master.ts";
import { drainAfterResponse, parseDrainTime } from "./drain.ts";
import { operatorOf } from "../http/operator.ts";

export function controlApi(master: Master): Hono {
  const app = new Hono();

  app.post("/pause", (c) => {
    const failed = master.pause(operatorOf(c));
    if (failed !== null) return c.json({ error: failed.message }, 503);
    return c.json({ state: master.status().state }, 202);
  });

  app.post("/resume", (c) => {
    const failed = master.resume(operatorOf(c));
    if (failed !== null) return c.json({ error: failed.message }, 503);
    return c.json({ state: master.status().state }, 202);
  });

  app.post("/drain", async (c) => {
    // Who says it in a body would else get ten minutes.
    if ((await c.req.text()) !== "") return c.json({ error: "the time goes into the query" }, 400);
    const ms = parseDrainTime(c.req.query("time"));
    if (ms === null)
      return c.json({ error: "time is one such as 90s, 10m or 2h, 24h at most" }, 400);
    const failed = drainAfterResponse(master, ms, operatorOf(c));
    if (failed !== null) return c.json({ error: failed.message }, 503);
    return c.json({ state: "draining" }, 202);
  });

  return app;
}
