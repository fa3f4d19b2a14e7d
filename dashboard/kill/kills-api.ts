/** Signals to many children at once, as JSON: a job for each request, and its progress. */
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Master } from "../../shared/master.ts";
import { KILL_GRACE_MS } from "../../shared/signals.ts";
import { list } from "../http/openapi/fields.ts";
import { idParameter } from "../http/openapi/parameters.ts";
import { errorResponse, jsonResponse } from "../http/openapi/responses.ts";
import { operatorOf } from "../http/operator.ts";
import type { Sampler } from "../page/sample.ts";
import type { ChildOutcome, Job } from "./job.ts";
import type { KillJobs } from "./jobs.ts";
import {
  BODY_ERROR,
  bulkKillSchema,
  countMismatchSchema,
  jobDetailsSchema,
  jobSchema,
  noChildrenSchema,
  planSchema,
  startedSchema,
} from "./kills-schemas.ts";
import { countBySource, describeTargetFilter, targetsByFilter, targetsByIds } from "./targets.ts";

/** Takes any body for JSON, whatever its Content-Type: `curl -d` calls everything a form. */
const jsonBody: MiddlewareHandler = async (c, next) => {
  try {
    await c.req.json();
  } catch (error) {
    if (error instanceof SyntaxError) return c.json({ error: BODY_ERROR }, 400);
    throw error;
  }
  c.req.raw.headers.set("Content-Type", "application/json");
  return next();
};

const startRoute = createRoute({
  method: "post",
  path: "/api/kills",
  summary: "Sends a signal to many children",
  middleware: jsonBody,
  request: {
    body: { required: true, content: { "application/json": { schema: bulkKillSchema } } },
  },
  responses: {
    200: jsonResponse(planSchema, "With dryRun: which children would get the signal"),
    202: jsonResponse(startedSchema, "Started"),
    400: errorResponse("The request is invalid"),
    404: errorResponse("Some of these IDs belong to no child"),
    409: jsonResponse(countMismatchSchema, "Not as many children as expected; nothing was sent"),
    410: jsonResponse(noChildrenSchema, "No live child matches"),
    429: errorResponse("Too many jobs are running"),
  },
});

const listRoute = createRoute({
  method: "get",
  path: "/api/kills",
  summary: "Jobs that send signals to many children, newest first",
  responses: { 200: jsonResponse(list(jobSchema), "The jobs") },
});

const jobRoute = createRoute({
  method: "get",
  path: "/api/kills/{id}",
  summary: "A job: its progress, and the worst outcomes",
  request: { params: idParameter("The ID of a job") },
  responses: {
    200: jsonResponse(jobDetailsSchema, "The job"),
    404: errorResponse("No such job"),
  },
});

const cancelRoute = createRoute({
  method: "delete",
  path: "/api/kills/{id}",
  summary: "Cancels what a job has not sent yet",
  request: { params: idParameter("The ID of a job") },
  responses: {
    202: jsonResponse(jobSchema, "Cancelled"),
    404: errorResponse("No such job"),
    410: errorResponse("Everything has been sent"),
  },
});

/** How many children and sources a plan lists. */
const MAX_LISTED = 20;

const NO_JOB = { error: "no such job" };

export function killsApi(master: Master, sampler: Sampler, jobs: KillJobs): OpenAPIHono {
  const app = new OpenAPIHono();

  app.openapi(startRoute, (c) => {
    const { ids, filter = null, source = null, signal, then, expect, dryRun } = c.req.valid("json");
    const chosenBy = { filter, source };
    const targets =
      ids === undefined ? targetsByFilter(sampler, chosenBy) : targetsByIds(master, ids);
    if (targets === null) return c.json({ error: "some of these IDs belong to no child" }, 404);
    const { children, alreadyEnded } = targets;
    const count = children.length;
    if (expect !== undefined && expect !== count) {
      const error = `nothing was sent: expected ${expect} children, found ${count}`;
      return c.json({ error, count }, 409);
    }
    if (dryRun) {
      const sources = countBySource(children).slice(0, MAX_LISTED);
      const listed = children.slice(0, MAX_LISTED).map(identityOf);
      return c.json({ count, alreadyEnded, sources, children: listed }, 200);
    }
    if (count === 0) return c.json({ error: "no live child matches", alreadyEnded }, 410);
    const graceMs = then === "KILL" ? KILL_GRACE_MS : null;
    const selection = ids === undefined ? describeTargetFilter(chosenBy) : "by their IDs";
    const job = jobs.start({ ...targets, signal, graceMs, selection, by: operatorOf(c) });
    if (job === null) return c.json({ error: "too many jobs are running" }, 429);
    return c.json({ job: job.id, count, alreadyEnded }, 202, { Location: `/api/kills/${job.id}` });
  });

  app.openapi(listRoute, (c) => c.json(jobs.list().map(jobJson), 200));

  app.openapi(jobRoute, (c) => {
    const job = jobs.find(c.req.valid("param").id);
    if (job === undefined) return c.json(NO_JOB, 404);
    return c.json({ ...jobJson(job), children: job.worstOutcomes().map(outcomeJson) }, 200);
  });

  app.openapi(cancelRoute, (c) => {
    const job = jobs.find(c.req.valid("param").id);
    if (job === undefined) return c.json(NO_JOB, 404);
    if (job.waiting === 0) return c.json({ error: "everything has been sent" }, 410);
    jobs.cancel(job, operatorOf(c));
    return c.json(jobJson(job), 202);
  });

  return app;
}

function identityOf({ id, pid, remoteAddress, remotePort }: ChildOutcome["child"]) {
  return { id, pid, remoteAddress, remotePort };
}

function jobJson(job: Job) {
  const { id, at, endedAt, worstOutcomes: _, ...rest } = job;
  return {
    job: id,
    time: new Date(at).toISOString(),
    ...rest,
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
}

function outcomeJson({ child, outcome, receipt }: ChildOutcome) {
  return { ...identityOf(child), outcome, sent: receipt?.sent ?? [], ms: receipt?.ms ?? null };
}
