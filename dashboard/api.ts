/** The same for programs, as JSON. */
import { Hono } from "hono";
import type { Child, Master } from "../shared/master.ts";
import { isSignal, SIGNALS } from "../shared/signals.ts";

export function api(master: Master): Hono {
  const app = new Hono();

  app.get("/children", (c) => c.json(master.snapshot().children.map(toJson)));

  app.delete("/children/:id", (c) => {
    const id = c.req.param("id");
    const signal = c.req.query("signal") ?? "TERM";
    if (!isSignal(signal)) {
      return c.json({ error: `signal is one of ${SIGNALS.join(", ")}` }, 400);
    }
    const result = master.kill(id, signal);
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

function toJson({ startedAt, lastActiveAt, ...child }: Child) {
  return {
    ...child,
    startedAt: new Date(startedAt).toISOString(),
    lastActiveAt: new Date(lastActiveAt).toISOString(),
  };
}
