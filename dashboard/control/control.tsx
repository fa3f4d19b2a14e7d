/** @jsxImportSource hono/jsx */
/** What an operator does with the whole server from the page: pause, resume, drain. */
import { type Context, Hono } from "hono";
import type { Master } from "../../shared/master.ts";
import { answer, isHtmx, posted, show } from "../http/respond.tsx";
import { drainSoon, drainTimeOf } from "./drain.ts";
import { operatorOf } from "../http/operator.ts";
import { readerOf } from "../http/viewer.tsx";
import { ConfirmDrain } from "./views/control.tsx";

export function controlRoutes(master: Master): Hono {
  const app = new Hono();

  app.post("/pause", (c) => done(c, master.pause(operatorOf(c)), "paused"));
  app.post("/resume", (c) => done(c, master.resume(operatorOf(c)), "resumed"));

  app.get("/drain", (c) =>
    show(
      c,
      200,
      readerOf(c).texts.control.question,
      <ConfirmDrain live={master.status().live} inDialog={isHtmx(c)} />,
    ),
  );

  app.post("/drain", async (c) => {
    const { control } = readerOf(c).texts;
    const { time } = await posted(c);
    const ms = typeof time === "string" ? drainTimeOf(time) : null;
    if (ms === null) return answer(c, 400, control.badTime);
    const failed = drainSoon(master, ms, operatorOf(c));
    if (failed !== null) return answer(c, 503, control.failed(failed.message));
    return answer(c, 202, control.drained(ms));
  });

  return app;
}

function done(c: Context, failed: Error | null, what: "paused" | "resumed") {
  const { control } = readerOf(c).texts;
  if (failed !== null) return answer(c, 503, control.failed(failed.message));
  return answer(c, 202, control[what]);
}
