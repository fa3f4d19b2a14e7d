/** @jsxImportSource hono/jsx */
/** What an operator can do to the whole server from the page: pause, resume, drain. */
import { type Context, Hono } from "hono";
import type { Master } from "../../shared/master.ts";
import { operatorOf } from "../http/operator.ts";
import { formFields, isHtmx, respond, respondPage } from "../http/respond.tsx";
import { viewerOf } from "../http/viewer.tsx";
import { parseDrainTime } from "./drain.ts";
import { ConfirmDrain } from "./views/control.tsx";

export function controlRoutes(master: Master): Hono {
  const app = new Hono();

  app.post("/control/pause", (c) => respondResult(c, master.pause(operatorOf(c)), "paused"));
  app.post("/control/resume", (c) => respondResult(c, master.resume(operatorOf(c)), "resumed"));

  app.get("/control/drain", (c) =>
    respondPage(
      c,
      200,
      viewerOf(c).texts.control.question,
      <ConfirmDrain live={master.status().live} inDialog={isHtmx(c)} />,
    ),
  );

  app.post("/control/drain", async (c) => {
    const { control } = viewerOf(c).texts;
    const { time } = await formFields(c);
    const ms = typeof time === "string" ? parseDrainTime(time) : null;
    if (ms === null) return respond(c, 400, control.badTime);
    const failed = master.drain(ms, operatorOf(c));
    if (failed !== null) return respond(c, 503, control.failed(failed.message));
    return respond(c, 202, control.drained(ms));
  });

  return app;
}

function respondResult(c: Context, failed: Error | null, done: "paused" | "resumed") {
  const { control } = viewerOf(c).texts;
  if (failed !== null) return respond(c, 503, control.failed(failed.message));
  return respond(c, 202, control[done]);
}
