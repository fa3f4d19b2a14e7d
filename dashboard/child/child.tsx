/** @jsxImportSource hono/jsx */
/** The page of a child, which is found by its session ID alone. */
import { Hono } from "hono";
import { childStream } from "./child-stream.tsx";
import { parseChildView } from "./child-view.ts";
import type { ChildSources } from "./sources.ts";
import { viewerOf } from "../http/viewer.tsx";
import { ChildPage, NoChild } from "./views/child.tsx";

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
