/** @jsxImportSource hono/jsx */
/**
 * Sending a signal to one child from the page: a question that names the child, and the outcome.
 */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { KillResult, Master } from "../../shared/master.ts";
import { readUsage } from "../../shared/proc.ts";
import { isSignal, KILL_GRACE_MS, SIGNALS } from "../../shared/signals.ts";
import { lenient, sessionIdParameter, thenParameter } from "../http/openapi/parameters.ts";
import { htmlResponse } from "../http/openapi/responses.ts";
import { respond, respondBadSignal, isHtmx, formFields, respondPage } from "../http/respond.tsx";
import { operatorOf } from "../http/operator.ts";
import { viewerOf } from "../http/viewer.tsx";
import type { Texts } from "../texts/en.ts";
import { ChooseSignal, Confirm } from "./views/kill.tsx";

/** The kernel's letter for a stopped process. */
const STOPPED = "T";

const killForm = z.object({
  signal: z.enum(SIGNALS),
  // oxlint-disable-next-line unicorn/no-thenable -- the form's own name, not a promise
  then: lenient(thenParameter),
});

/** The one form that programs may use, too; it is described with the API. */
const killFormRoute = createRoute({
  method: "post",
  path: "/children/{id}/kill",
  summary: "Sends a signal to a child, as the page's form does",
  request: {
    params: sessionIdParameter,
    body: {
      required: true,
      content: { "application/x-www-form-urlencoded": { schema: killForm } },
    },
  },
  responses: {
    202: htmlResponse("Sent, with the outcome"),
    400: htmlResponse("No such signal"),
    404: htmlResponse("No such child"),
    410: htmlResponse("The child has already ended"),
  },
});

export function killRoutes(master: Master): OpenAPIHono {
  const app = new OpenAPIHono();

  app.get("/children/:id/kill", (c) => {
    const { kill } = viewerOf(c).texts;
    const child = master.find(c.req.param("id"));
    if (child === "unknown") return respond(c, 404, kill.unknown);
    if (child === "already ended") return respond(c, 410, kill.alreadyEnded, c.req.param("id"));
    const { signal, contents } = c.req.query();
    // A page that hides what the client sent asks without it.
    const shown = contents === "0" ? { ...child, lastCommand: null } : child;
    if (signal === undefined) {
      const question = <ChooseSignal child={shown} contents={contents !== "0"} />;
      return respondPage(c, 200, kill.chooseSignal(child.pid), question);
    }
    if (!isSignal(signal)) return respondBadSignal(c);
    const question = <Confirm child={shown} signal={signal} inDialog={isHtmx(c)} />;
    return respondPage(c, 200, kill.question(signal, child.pid), question);
  });

  // Parsed here, as any other form: its answers are pages in the viewer's language.
  app.openAPIRegistry.registerPath(killFormRoute);
  app.post(killFormRoute.getRoutingPath(), async (c) => {
    const { texts } = viewerOf(c);
    const { unknown, alreadyEnded, nothingSent } = texts.kill;
    const form = killForm.safeParse(await formFields(c));
    if (!form.success) return respondBadSignal(c);
    const { signal, then } = form.data;
    const graceMs = then === "KILL" ? KILL_GRACE_MS : null;
    const id = c.req.param("id");
    const result = master.kill(id, { signal, by: operatorOf(c), graceMs, job: null });
    switch (result.outcome) {
      case "unknown":
        return respond(c, 404, nothingSent(unknown));
      case "already ended":
        return respond(c, 410, nothingSent(alreadyEnded), id);
      case "sent":
        return respond(c, 202, await describeOutcome(result, texts), id);
    }
  });

  return app;
}

/** Waits for the outcome and describes it: `PID 4711: TERM sent, gone after 12 ms`. */
async function describeOutcome(
  { child, receipt }: Extract<KillResult, { outcome: "sent" }>,
  { kill, log }: Texts,
): Promise<string> {
  const settled = await receipt;
  const stopped = settled.outcome === "still there" && isStopped(child.pid);
  return kill.outcome(child.pid, log.receipt(settled)) + (stopped ? kill.isStopped : "");
}

function isStopped(pid: number): boolean {
  return process.platform === "linux" && readUsage(pid)?.state === STOPPED;
}
