/** @jsxImportSource hono/jsx */
/**
 * Signals to many children from the page: a question that names how many and whom, an order, and how far it is.
 * What is sent is what was shown: the question's form carries the ids of those that it counted, no filter.
 */
import { type Context, Hono } from "hono";
import { escapeAgain } from "../../shared/escape.ts";
import type { Master } from "../../shared/master.ts";
import { KILL_GRACE_MS, isSignal, type Signal } from "../../shared/signals.ts";
import { respond, respondBadSignal, isHtmx, formFields, respondPage } from "../http/respond.tsx";
import { unpackIds } from "./ids.ts";
import type { Job, KillJobs } from "./jobs.ts";
import { operatorOf } from "../http/operator.ts";
import { viewerOf } from "../http/viewer.tsx";
import type { Sampler } from "../page/sample.ts";
import {
  type TargetFilter,
  describeTargetFilter,
  packTargets,
  type Targets,
  targetsByFilter,
  targetsByIds,
  targetsInSet,
} from "./targets.ts";
import { ConfirmMany, JobPage, Progress } from "./views/kill-many.tsx";

/** How they were chosen, for the log. */
const BY_HAND = "selected on the page";

export function killManyRoutes(master: Master, sampler: Sampler, kills: KillJobs): Hono {
  const app = new Hono();

  function chosen(c: Context): TargetFilter {
    const { filter, source = null } = c.req.query();
    // All, where nothing is said.
    return { filter: filter ?? (source === null ? "" : null), source };
  }

  app.get("/kill/ids", (c) => {
    c.header("Cache-Control", "no-store");
    return c.json({ ids: packTargets(master, targetsByFilter(sampler, chosen(c)).children) });
  });

  app.get("/kill", (c) => {
    const { signal = "TERM" } = c.req.query();
    if (!isSignal(signal)) return respondBadSignal(c);
    const choice = chosen(c);
    return ask(c, signal, targetsByFilter(sampler, choice), describeTargetFilter(choice));
  });

  app.post("/kill", async (c) => {
    const { signal, ids, child } = await formFields(c);
    if (typeof signal !== "string" || !isSignal(signal)) return respondBadSignal(c);
    return ask(c, signal, meant(ids, child), BY_HAND);
  });

  function ask(c: Context, signal: Signal, targets: Targets | null, selection: string) {
    const { many } = viewerOf(c).texts;
    if (targets === null) return respond(c, 404, many.unknownIds);
    const { children, gone } = targets;
    if (children.length === 0) return respond(c, 410, gone > 0 ? many.noneLeft : many.noneSelected);
    const ids = packTargets(master, children);
    const title = many.question(signal, children.length);
    const props = { signal, targets, ids, selection, inDialog: isHtmx(c) };
    return respondPage(c, 200, title, <ConfirmMany {...props} />);
  }

  app.post("/kills", async (c) => {
    const { many, kill } = viewerOf(c).texts;
    const { signal, then, ids, selection } = await formFields(c);
    if (typeof signal !== "string" || !isSignal(signal)) return respondBadSignal(c);
    const targets = meant(ids, undefined);
    if (targets === null) return respond(c, 404, kill.nothingSent(many.unknownIds));
    const { children, gone } = targets;
    if (children.length === 0) {
      return respond(c, 410, kill.nothingSent(gone > 0 ? many.noneLeft : many.noneSelected));
    }
    const job = kills.start({
      ...targets,
      signal,
      graceMs: then === "KILL" ? KILL_GRACE_MS : null,
      selection: typeof selection === "string" ? named(selection) : BY_HAND,
      by: operatorOf(c),
    });
    if (job === null) return respond(c, 429, kill.nothingSent(many.tooMany));
    return told(c, job);
  });

  app.get("/kills/:id", (c) => {
    const job = kills.find(c.req.param("id"));
    if (job === undefined) return respond(c, 404, viewerOf(c).texts.many.noJob);
    const isBeside = isHtmx(c) && c.req.query("page") === undefined;
    return respondPage(
      c,
      200,
      titleOf(c, job),
      isBeside ? <Progress job={job} /> : <JobPage job={job} />,
    );
  });

  app.post("/kills/:id/cancel", (c) => {
    const job = kills.find(c.req.param("id"));
    if (job === undefined) return respond(c, 404, viewerOf(c).texts.many.noJob);
    kills.cancel(job, operatorOf(c));
    return told(c, job);
  });

  /** Who loads such a page again sends nothing again. */
  function told(c: Context, job: Job) {
    if (!isHtmx(c)) return c.redirect(`/kills/${job.id}`, 303);
    return respondPage(c, 202, titleOf(c, job), <Progress job={job} />);
  }

  /** Those in a packed list, or else in the boxes of a form; null where some have never been. */
  function meant(packed: unknown, boxes: unknown): Targets | null {
    if (typeof packed === "string" && packed !== "") {
      const ids = unpackIds(packed);
      return ids === null ? null : targetsInSet(master, ids);
    }
    return targetsByIds(
      master,
      [boxes].flat().filter((id) => typeof id === "string"),
    );
  }

  return app;
}

function titleOf(c: Context, { signal, total }: Job): string {
  return viewerOf(c).texts.many.title(signal, total);
}

/** Characters of it that are kept: as many as `describeChoice` gives. */
const MOST_NAMED = 250;

/** It was escaped when the question was put, and has come back from a browser since. */
function named(selection: string): string {
  return escapeAgain(selection.slice(0, MOST_NAMED));
}
