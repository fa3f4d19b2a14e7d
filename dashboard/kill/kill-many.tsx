/** @jsxImportSource hono/jsx */
/**
 * Signals to many children from the page: a question that names how many and whom, an order, and how far it is.
 * What is sent is what was shown: the question's form carries the ids of those that it counted, no filter.
 */
import { type Context, Hono } from "hono";
import { escapeText } from "../../shared/escape.ts";
import type { Master } from "../../shared/master.ts";
import { GRACE, isSignal, type Signal } from "../../shared/signals.ts";
import { answer, badSignal, isHtmx, posted, show } from "../answer.tsx";
import { matchRows } from "../page/choose.ts";
import { unpackIds } from "./ids.ts";
import type { Job, Kills } from "./kills.ts";
import { operatorOf } from "../operator.ts";
import { readerOf } from "../reader.tsx";
import type { Sampler } from "../page/sample.ts";
import { packTargets, type Targets, targetsOf } from "./targets.ts";
import { ConfirmMany, JobPage, Progress } from "./views/kill-many.tsx";

/** How they were chosen, for the log. */
const BY_HAND = "selected on the page";

export function killManyRoutes(master: Master, sampler: Sampler, kills: Kills): Hono {
  const app = new Hono();

  /** All that a filter finds, or all of one source, as they are now. */
  function found(c: Context): Targets & { which: string } {
    const { filter = "", source } = c.req.query();
    const rows = matchRows(sampler.now().rows, filter);
    const children = rows.filter((row) => source === undefined || row.source === source);
    const which = source === undefined ? `filter ${JSON.stringify(filter)}` : `source ${source}`;
    return { children, gone: 0, which: named(which) };
  }

  app.get("/kill/ids", (c) => {
    c.header("Cache-Control", "no-store");
    return c.json({ ids: packTargets(master, found(c).children) });
  });

  app.get("/kill", (c) => {
    const { signal = "TERM" } = c.req.query();
    if (!isSignal(signal)) return badSignal(c);
    const { which, ...targets } = found(c);
    return ask(c, signal, targets, which);
  });

  app.post("/kill", async (c) => {
    const { signal, ids, child } = await posted(c);
    if (typeof signal !== "string" || !isSignal(signal)) return badSignal(c);
    return ask(c, signal, meant(ids, child), BY_HAND);
  });

  function ask(c: Context, signal: Signal, targets: Targets | null, which: string) {
    const { many } = readerOf(c).texts;
    if (targets === null) return answer(c, 404, many.foreign);
    const { children, gone } = targets;
    if (children.length === 0) return answer(c, 410, gone > 0 ? many.noneLeft : many.nobody);
    const ids = packTargets(master, children);
    return show(c, 200, <ConfirmMany {...{ signal, targets, ids, which, inDialog: isHtmx(c) }} />);
  }

  app.post("/kills", async (c) => {
    const { many, kill } = readerOf(c).texts;
    const { signal, then, ids, which } = await posted(c);
    if (typeof signal !== "string" || !isSignal(signal)) return badSignal(c);
    const targets = meant(ids, undefined);
    if (targets === null) return answer(c, 404, kill.nothingSent(many.foreign));
    const { children, gone } = targets;
    if (children.length === 0) {
      return answer(c, 410, kill.nothingSent(gone > 0 ? many.noneLeft : many.nobody));
    }
    const job = kills.start({
      ...targets,
      signal,
      grace: then === "KILL" ? GRACE : null,
      which: typeof which === "string" ? named(which) : BY_HAND,
      by: operatorOf(c),
    });
    if (job === null) return answer(c, 429, kill.nothingSent(many.tooMany));
    return told(c, job);
  });

  app.get("/kills/:id", (c) => {
    const job = kills.find(c.req.param("id"));
    if (job === undefined) return answer(c, 404, readerOf(c).texts.many.noJob);
    const isBeside = isHtmx(c) && c.req.query("page") === undefined;
    return show(c, 200, isBeside ? <Progress job={job} /> : <JobPage job={job} />);
  });

  app.post("/kills/:id/cancel", (c) => {
    const job = kills.find(c.req.param("id"));
    if (job === undefined) return answer(c, 404, readerOf(c).texts.many.noJob);
    kills.cancel(job, operatorOf(c));
    return told(c, job);
  });

  /** Who loads such a page again sends nothing again. */
  function told(c: Context, job: Job) {
    return isHtmx(c) ? show(c, 202, <Progress job={job} />) : c.redirect(`/kills/${job.id}`, 303);
  }

  /** Those in a packed list, or else in the boxes of a form; null where some have never been. */
  function meant(packed: unknown, boxes: unknown): Targets | null {
    if (typeof packed === "string" && packed !== "") {
      const ids = unpackIds(packed);
      return ids === null ? null : targetsOf(master, ids);
    }
    const ids = new Set([boxes].flat().filter((id) => typeof id === "string"));
    const wanted = [...ids].map((id) => master.find(id));
    if (wanted.includes("unknown")) return null;
    const children = wanted.filter((child) => typeof child !== "string");
    return { children, gone: wanted.length - children.length };
  }

  return app;
}

/** Characters of it that are kept. */
const MOST_NAME = 120;

function named(which: string): string {
  return escapeText(which.slice(0, MOST_NAME));
}
