/** Signals to many children at once, for programs: who is meant, how many that are, and what became of them. */
import { type Context, Hono } from "hono";
import type { Master } from "../../shared/master.ts";
import { KILL_GRACE_MS, isSignal, type Signal, SIGNALS } from "../../shared/signals.ts";
import type { ChildOutcome, Job, KillJobs } from "./jobs.ts";
import { operatorOf } from "../http/operator.ts";
import type { Sampler } from "../page/sample.ts";
import {
  countBySource,
  type TargetFilter,
  describeTargetFilter,
  type Targets,
  targetsByFilter,
  targetsByIds,
} from "./targets.ts";

/** Of the children or the sources that are meant so many are named. */
const MOST_NAMED = 20;

/** What a program may ask for. Whoever writes `dryrun` is told so, and nobody is killed. */
interface Order extends TargetFilter {
  /** Exactly these; null: all that match the page's filter, and are from this source. */
  ids: readonly string[] | null;
  signal: Signal;
  graceMs: number | null;
  /** So many live children are meant, or nothing is sent. */
  expect: number | null;
  dryRun: boolean;
}

export function killsApi(master: Master, sampler: Sampler, kills: KillJobs): Hono {
  const app = new Hono();

  app.post("/", async (c) => {
    const order = readOrder(await bodyOf(c));
    if (typeof order === "string") return c.json({ error: order }, 400);
    const targets = find(order);
    if (targets === null) return c.json({ error: "some of these ids are of no child" }, 404);
    const { children, gone } = targets;
    const count = children.length;
    if (order.expect !== null && order.expect !== count) {
      const error = `nothing was sent: ${order.expect} were expected, and there are ${count}`;
      return c.json({ error, count }, 409);
    }
    if (order.dryRun) {
      const sources = countBySource(children).slice(0, MOST_NAMED);
      return c.json({ count, gone, sources, children: children.slice(0, MOST_NAMED).map(named) });
    }
    if (count === 0) return c.json({ error: "there is no such live child", gone }, 410);
    const { signal, graceMs } = order;
    const selection = order.ids === null ? describeTargetFilter(order) : "by their ids";
    const job = kills.start({
      ...targets,
      signal,
      graceMs,
      selection,
      by: operatorOf(c),
    });
    if (job === null) return c.json({ error: "too many orders are under way" }, 429);
    return c.json({ job: job.id, count, gone }, 202, { Location: `/api/kills/${job.id}` });
  });

  app.get("/", (c) => c.json(kills.list().map(jobJson)));

  app.get("/:id", (c) => {
    const job = kills.find(c.req.param("id"));
    if (job === undefined) return c.json({ error: "no such order" }, 404);
    return c.json({ ...jobJson(job), answers: job.answers().map(answerJson) });
  });

  app.delete("/:id", (c) => {
    const job = kills.find(c.req.param("id"));
    if (job === undefined) return c.json({ error: "no such order" }, 404);
    if (job.waiting === 0) return c.json({ error: "all has been sent" }, 410);
    kills.cancel(job, operatorOf(c));
    return c.json(jobJson(job), 202);
  });

  function find(order: Order): Targets | null {
    return order.ids === null ? targetsByFilter(sampler, order) : targetsByIds(master, order.ids);
  }

  return app;
}

/** What the body says as JSON; undefined where it is none. */
async function bodyOf(c: Context): Promise<unknown> {
  try {
    return await c.req.json<unknown>();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const NAMES = ["ids", "filter", "source", "signal", "then", "expect", "dryRun"] as const;

/** Gives the order, or what is wrong with it. */
function readOrder(body: unknown): Order | string {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return "the body is one JSON object";
  }
  const stranger = Object.keys(body).find((name) => !NAMES.some((known) => known === name));
  if (stranger !== undefined) return `there is no ${JSON.stringify(stranger.slice(0, 32))} here`;
  const given: { readonly [name in (typeof NAMES)[number]]?: unknown } = body;
  const { ids, filter, source, signal = "TERM", then, expect, dryRun = false } = given;
  if (typeof signal !== "string" || !isSignal(signal)) {
    return `signal is one of ${SIGNALS.join(", ")}`;
  }
  if (then !== undefined && then !== "KILL") return "then is KILL";
  if (expect !== undefined && !isCount(expect)) return "expect is how many children are meant";
  if (typeof dryRun !== "boolean") return "dryRun is true or false";
  if (filter !== undefined && typeof filter !== "string") return "filter is a text";
  if (source !== undefined && typeof source !== "string") return "source is a text";
  if (ids !== undefined && !(Array.isArray(ids) && ids.every((id) => typeof id === "string"))) {
    return "ids is a list of ids";
  }
  if ((ids === undefined) === (filter === undefined && source === undefined)) {
    return "who is meant is said by ids, or else by filter, by source or by both";
  }
  return {
    ids: ids ?? null,
    filter: filter ?? null,
    source: source ?? null,
    signal,
    graceMs: then === "KILL" ? KILL_GRACE_MS : null,
    expect: expect ?? null,
    dryRun,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

function named({ id, pid, remoteAddress, remotePort }: ChildOutcome["child"]) {
  return { id, pid, remoteAddress, remotePort };
}

function jobJson(job: Job) {
  const { id, at: time, endedAt, answers: _, ...rest } = job;
  return {
    job: id,
    time: new Date(time).toISOString(),
    ...rest,
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
}

function answerJson({ child, outcome, receipt }: ChildOutcome) {
  return { ...named(child), outcome, sent: receipt?.sent ?? [], ms: receipt?.ms ?? null };
}
