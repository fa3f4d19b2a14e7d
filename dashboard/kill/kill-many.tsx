/** @jsxImportSource hono/jsx */
/**
 * Signals to many children from the page: a question that lists them, the job, and its
 * progress. Exactly those that the question counted get the signal: its form carries
 * their IDs, not the filter.
 */
import { type Context, Hono } from "hono";
import { escapeAgain } from "../../shared/escape.ts";
import type { Master } from "../../shared/master.ts";
import { KILL_GRACE_MS, isSignal, type Signal } from "../../shared/signals.ts";
import { respond, respondBadSignal, isHtmx, formFields, respondPage } from "../http/respond.tsx";
import { unpackIds } from "./ids.ts";
import type { Job } from "./job.ts";
import type { KillJobs } from "./jobs.ts";
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

/** How the children were chosen, for the log. */
const BY_HAND = "selected on the page";

export function killManyRoutes(master: Master, sampler: Sampler, jobs: KillJobs): Hono {
  const app = new Hono();
  app.route("/", questionRoutes(master, sampler));
  app.route("/", jobRoutes(master, jobs));
  return app;
}

function questionRoutes(master: Master, sampler: Sampler): Hono {
  const app = new Hono();

  app.get("/kill/ids", (c) => {
    return c.json({ ids: packTargets(master, targetsByFilter(sampler, targetFilter(c)).children) });
  });

  app.get("/kill", (c) => {
    const { signal = "TERM" } = c.req.query();
    if (!isSignal(signal)) return respondBadSignal(c);
    const chosenBy = targetFilter(c);
    const targets = targetsByFilter(sampler, chosenBy);
    return askToConfirm(c, master, signal, targets, describeTargetFilter(chosenBy));
  });

  app.post("/kill", async (c) => {
    const { signal, ids, child } = await formFields(c);
    if (typeof signal !== "string" || !isSignal(signal)) return respondBadSignal(c);
    return askToConfirm(c, master, signal, chosenTargets(master, ids, child), BY_HAND);
  });

  return app;
}

function askToConfirm(
  c: Context,
  master: Master,
  signal: Signal,
  targets: Targets | null,
  selection: string,
) {
  const { many } = viewerOf(c).texts;
  if (targets === null) return respond(c, 404, many.unknownIds);
  const { children, alreadyEnded } = targets;
  if (children.length === 0)
    return respond(c, 410, alreadyEnded > 0 ? many.noneLeft : many.noneSelected);
  const ids = packTargets(master, children);
  const title = many.question(signal, children.length);
  const props = { signal, targets, ids, selection, inDialog: isHtmx(c) };
  return respondPage(c, 200, title, <ConfirmMany {...props} />);
}

function jobRoutes(master: Master, jobs: KillJobs): Hono {
  const app = new Hono();

  app.post("/kills", async (c) => {
    const { many, kill } = viewerOf(c).texts;
    const { signal, then, ids, selection } = await formFields(c);
    if (typeof signal !== "string" || !isSignal(signal)) return respondBadSignal(c);
    const targets = chosenTargets(master, ids, undefined);
    if (targets === null) return respond(c, 404, kill.nothingSent(many.unknownIds));
    const { children, alreadyEnded } = targets;
    if (children.length === 0) {
      const why = alreadyEnded > 0 ? many.noneLeft : many.noneSelected;
      return respond(c, 410, kill.nothingSent(why));
    }
    const job = jobs.start({
      ...targets,
      signal,
      graceMs: then === "KILL" ? KILL_GRACE_MS : null,
      selection: typeof selection === "string" ? escapeSelection(selection) : BY_HAND,
      by: operatorOf(c),
    });
    if (job === null) return respond(c, 429, kill.nothingSent(many.tooMany));
    return respondJob(c, job);
  });

  app.get("/kills/:id", (c) => {
    const job = jobs.find(c.req.param("id"));
    if (job === undefined) return respond(c, 404, viewerOf(c).texts.many.noJob);
    const isPart = isHtmx(c) && c.req.query("page") === undefined;
    return respondPage(
      c,
      200,
      titleOf(c, job),
      isPart ? <Progress job={job} /> : <JobPage job={job} />,
    );
  });

  app.post("/kills/:id/cancel", (c) => {
    const job = jobs.find(c.req.param("id"));
    if (job === undefined) return respond(c, 404, viewerOf(c).texts.many.noJob);
    jobs.cancel(job, operatorOf(c));
    return respondJob(c, job);
  });

  return app;
}

/** Redirects, so that reloading the page sends nothing again. */
function respondJob(c: Context, job: Job) {
  if (!isHtmx(c)) return c.redirect(`/kills/${job.id}`, 303);
  return respondPage(c, 202, titleOf(c, job), <Progress job={job} />);
}

/**
 * Returns the children in a packed list, or else those checked in a form;
 * null if some never existed.
 */
function chosenTargets(master: Master, packed: unknown, checked: unknown): Targets | null {
  if (typeof packed === "string" && packed !== "") {
    const ids = unpackIds(packed);
    return ids === null ? null : targetsInSet(master, ids);
  }
  return targetsByIds(
    master,
    [checked].flat().filter((id) => typeof id === "string"),
  );
}

function titleOf(c: Context, { signal, total }: Job): string {
  return viewerOf(c).texts.many.title(signal, total);
}

/** Everything, unless the query chooses. */
function targetFilter(c: Context): TargetFilter {
  const { filter, source = null } = c.req.query();
  return { filter: filter ?? (source === null ? "" : null), source };
}

/** No description of a filter is longer. */
const MAX_SELECTION_CHARS = 250;

/** The description was escaped for the question, but has come back from a browser since. */
function escapeSelection(selection: string): string {
  return escapeAgain(selection.slice(0, MAX_SELECTION_CHARS));
}
