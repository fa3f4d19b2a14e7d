/** The same for programs, as JSON. */
import { Hono } from "hono";
import { describe } from "../shared/log.ts";
import type { Child, Master, MasterStatus } from "../shared/master.ts";
import { GRACE, isSignal, SIGNALS } from "../shared/signals.ts";
import { operatorOf } from "./operator.ts";

export function api(master: Master): Hono {
  const app = new Hono();

  app.get("/master", (c) => c.json(masterJson(master.snapshot().master)));

  app.get("/rooms", (c) => c.json(master.snapshot().rooms));

  app.get("/children", (c) => c.json(master.snapshot().children.map(toJson)));

  app.delete("/children/:id", (c) => {
    const id = c.req.param("id");
    const signal = c.req.query("signal") ?? "TERM";
    if (!isSignal(signal)) {
      return c.json({ error: `signal is one of ${SIGNALS.join(", ")}` }, 400);
    }
    const grace = c.req.query("then") === "KILL" ? GRACE : null;
    const result = master.kill(id, { signal, by: operatorOf(c), grace });
    switch (result.outcome) {
      case "unknown":
        return c.json({ error: "no such child" }, 404);
      case "gone":
        return c.json({ error: "this child has gone" }, 410);
      case "sent":
        return c.json({ id, pid: result.child.pid, signal, sent: true }, 202);
    }
  });

  return app;
}

function masterJson({ startedAt, until, refusals, confined, ...master }: MasterStatus) {
  return {
    ...master,
    confinement: describe({ event: "confined", ...confined }),
    startedAt: new Date(startedAt).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
    refusals: refusals.map(({ lastAt, ...refusal }) => ({
      ...refusal,
      lastAt: new Date(lastAt).toISOString(),
    })),
  };
}

function toJson({ startedAt, lastActiveAt, ...child }: Child) {
  return {
    ...child,
    startedAt: new Date(startedAt).toISOString(),
    lastActiveAt: new Date(lastActiveAt).toISOString(),
  };
}
