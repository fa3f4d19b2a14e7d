/** @jsxImportSource hono/jsx */
/** What an operator does with the whole server from the page: pause, resume, drain. */
import { type Context, Hono } from "hono";
import type { Master } from "../../shared/master.ts";
import { respond, isHtmx, formFields, respondPage } from "../http/respond.tsx";
import { drainAfterResponse, parseDrainTime } from "./drain.ts";
import { operatorOf } from "../http/operator.ts";
import { viewerOf } from "../http/viewer.tsx";
import { ConfirmDrain } from "./views/control.tsx";

export function controlRoutes(master: Master): Hono {
  const app = new Hono();

  app.post("/pause", (c) => done(c, master.pause(operatorOf(c)), "paused"));
  app.post("/resume", (c) => done(c, master.resume(operatorOf(c)), "resumed"));

  app.get("/drain", (c) =>
    respondPage(
      c,
      200,
      viewerOf(c).texts.control.question,
      <ConfirmDrain live={master.status().live} inDialog={isHtmx(c)} />,
    ),
  );

  app.post("/drain", async (c) => {
    const { control } = viewerOf(c).texts;
    const { time } = await formFields(c);
    const ms = typeof time === "string" ? parseDrainTime(time) : null;
    if (ms === null) return respond(c, 400, control.badTime);
    const failed = drainAfterResponse(master, ms, operatorOf(c));
    if (failed !== null) return respond(c, 503, control.failed(failed.message));
    return respond(c, 202, control.drained(ms));
  });

  return app;
}

function done(c: Context, failed: Error | null, what: "paused" | "resumed") {
  const { control } = viewerOf(c).texts;
  if (failed !== null) return respond(c, 503, control.failed(failed.message));
  return respond(c, 202, control[what]);
}
