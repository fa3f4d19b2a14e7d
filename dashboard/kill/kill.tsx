/** @jsxImportSource hono/jsx */
/**
 * Killing from the page: a question that names the child, and an answer that says what became of it.
 */
import { Hono } from "hono";
import type { KillResult, Master } from "../../shared/master.ts";
import { readUsage } from "../../shared/proc.ts";
import { KILL_GRACE_MS, isSignal } from "../../shared/signals.ts";
import { respond, respondBadSignal, isHtmx, formFields, respondPage } from "../http/respond.tsx";
import { operatorOf } from "../http/operator.ts";
import { viewerOf } from "../http/viewer.tsx";
import type { Texts } from "../texts/en.ts";
import { ChooseSignal, Confirm } from "./views/kill.tsx";

/** The kernel's letter for a stopped process. */
const STOPPED = "T";

export function killRoutes(master: Master): Hono {
  const app = new Hono();

  app.get("/:id/kill", (c) => {
    const { kill } = viewerOf(c).texts;
    const child = master.find(c.req.param("id"));
    if (child === "unknown") return respond(c, 404, kill.unknown);
    if (child === "gone") return respond(c, 410, kill.gone, c.req.param("id"));
    const { signal, contents } = c.req.query();
    // Where a page hides what the client sent, its question does.
    const shown = contents === "0" ? { ...child, lastCommand: null } : child;
    if (signal === undefined) {
      const question = <ChooseSignal child={shown} contents={contents !== "0"} />;
      return respondPage(c, 200, kill.chooseSignal(child.pid), question);
    }
    if (!isSignal(signal)) return respondBadSignal(c);
    const question = <Confirm child={shown} signal={signal} inDialog={isHtmx(c)} />;
    return respondPage(c, 200, kill.question(signal, child.pid), question);
  });

  app.post("/:id/kill", async (c) => {
    const { texts } = viewerOf(c);
    const { unknown, gone, nothingSent } = texts.kill;
    const { signal, then } = await formFields(c);
    if (typeof signal !== "string" || !isSignal(signal)) return respondBadSignal(c);
    const graceMs = then === "KILL" ? KILL_GRACE_MS : null;
    const id = c.req.param("id");
    const result = master.kill(id, { signal, by: operatorOf(c), graceMs, job: null });
    switch (result.outcome) {
      case "unknown":
        return respond(c, 404, nothingSent(unknown));
      case "gone":
        return respond(c, 410, nothingSent(gone), id);
      case "sent":
        return respond(c, 202, await follow(result, texts), id);
    }
  });

  return app;
}

/** Waits for what became of the signal and says it, as `pid 4711: TERM sent, gone after 12 ms`. */
async function follow(
  { child, receipt }: Extract<KillResult, { outcome: "sent" }>,
  { kill, log }: Texts,
): Promise<string> {
  const outcome = await receipt;
  const stopped = outcome.outcome === "still there" && isStopped(child.pid);
  return kill.outcome(child.pid, log.receipt(outcome)) + (stopped ? kill.isStopped : "");
}

function isStopped(pid: number): boolean {
  return process.platform === "linux" && readUsage(pid)?.state === STOPPED;
}
