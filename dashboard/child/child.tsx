/** @jsxImportSource hono/jsx */
/** The page of a child and what programs get of it. The child is found by its session's id alone. */
import { Hono } from "hono";
import type { History } from "../../shared/history.ts";
import type { Master } from "../../shared/master.ts";
import { childJson } from "./child-json.ts";
import { childStream } from "./child-stream.tsx";
import { parseChildView } from "./child-view.ts";
import {
  type UsageHistory,
  createUsageHistory,
  type UsagePoint,
  HISTORY_SPAN_MS,
} from "./usage-history.ts";
import { createChildSnapshots, type ChildSnapshots } from "./snapshot.ts";
import { viewerOf } from "../http/viewer.tsx";
import { ChildPage, NoChild } from "./views/child.tsx";

/** What the pages of children are made of. */
export interface ChildSources {
  master: Master;
  history: History;
  snapshots: ChildSnapshots;
  usageHistory: UsageHistory;
}

export function createChildSources(master: Master, history: History): ChildSources {
  return {
    master,
    history,
    snapshots: createChildSnapshots(master, history),
    usageHistory: createUsageHistory(master),
  };
}

/** Below /children. */
export function childPages(sources: ChildSources): Hono {
  const { snapshots: looker, usageHistory: use, history } = sources;
  const app = new Hono();

  app.get("/:id", async (c) => {
    c.header("Cache-Control", "no-store");
    const look = await looker.take(c.req.param("id"));
    const { child: words } = viewerOf(c).texts;
    if (look === null || look instanceof Error) {
      const why = look === null ? words.goneWhy(history.retention) : words.noAnswer(look.message);
      c.status(look === null ? 404 : 503);
      return c.render(<NoChild why={why} />, { title: words.gone, live: true });
    }
    const { id, pid } = look.session;
    const { writeError } = history;
    return c.render(
      <ChildPage
        snapshot={look}
        view={parseChildView(c.req.query())}
        points={use.watch(id)}
        historyTrouble={writeError}
      />,
      { title: words.title(pid), live: true, charts: true },
    );
  });

  app.get("/:id/events", childStream(sources));
  return app;
}

/** Below /api/children. */
export function childApi({ snapshots: looker, usageHistory: use, master }: ChildSources): Hono {
  const app = new Hono();

  app.get("/:id", async (c) => {
    const look = await looker.take(c.req.param("id"));
    if (look === null) return c.json({ error: "no such child, or it is kept no more" }, 404);
    if (look instanceof Error) return c.json({ error: look.message }, 503);
    return c.json(childJson(look, parseChildView(c.req.query()).contents));
  });

  app.get("/:id/series", async (c) => {
    const id = c.req.param("id");
    const points = use.watch(id);
    const isLive = typeof master.find(id) !== "string";
    // Of one that nobody looked at, or of an earlier master, there are no points; whether it was tells the history.
    const isKnown = isLive || points.length > 0 || (await looker.take(id)) !== null;
    if (!isKnown) return c.json({ error: "no such child, or it is kept no more" }, 404);
    return c.json(seriesJson(points, isLive, Number(c.req.query("after"))));
  });

  return app;
}

/** A chart shows no less than that (ms), so that what has begun just now grows from the right. */
const SHORTEST_SPAN = 60_000;

/** In columns, as charts take them; from `after` (ms since the epoch) on, where that is a number. */
function seriesJson(points: readonly UsagePoint[], isLive: boolean, after: number) {
  const wanted = after > 0 ? points.filter(({ at }) => at >= after) : points;
  const to = isLive ? Date.now() : (points.at(-1)?.at ?? Date.now());
  return {
    from: Math.max(to - HISTORY_SPAN_MS, Math.min(points[0]?.at ?? to, to - SHORTEST_SPAN)),
    to,
    at: wanted.map(({ at }) => at),
    series: {
      cpu: wanted.map(({ cpuPercent }) => cpuPercent),
      memory: wanted.map(({ privateBytes }) => privateBytes),
    },
    ...(isLive ? {} : { ended: true }),
  };
}
